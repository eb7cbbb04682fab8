using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>Application credentials, trusts and credentials asked for in ways that are not quite right, and what they show: all drawn
/// from a running Keystone.</summary>
public sealed class DelegationDetailsApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Theory]
    [InlineData("""{"name": "a", "roles": [{"id": "nothing"}]}""", 400, "Cannot create an application credential with unassigned role")]
    [InlineData("""{"name": "b", "roles": [{"name": "nothing"}]}""", 404, "Role nothing is not defined")]
    [InlineData("""{"name": "c", "roles": [{"name": "reader"}, {"name": "reader"}]}""", 409, "Duplicate entry found with name c.")]
    [InlineData("""{"name": "d", "colour": "red"}""", 400, "'colour' is an invalid keyword argument for ApplicationCredentialModel")]
    [InlineData("""
        {"name": "e", "access_rules": [{"service": "x", "method": "GET", "path": "/"}, {"service": "x", "method": "GET", "path": "/"}]}
        """, 409, "Duplicate entry found with name e.")]
    public async Task An_application_credential_that_cannot_be_is_refused(string body, int status, string message)
    {
        var (user, _, token) = await cloud.Someone("member");
        var answer = await cloud.Send(
            "POST", $"/users/{user}/application_credentials", $$"""{"application_credential": {{body}}}""", token);
        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_credential_lends_the_roles_it_names_and_none_that_they_imply()
    {
        var (user, _, token) = await cloud.Someone("member");
        var body = new { application_credential = new { name = "one", secret = "s", roles = new[] { new { name = "member" } } } };
        var made = await cloud.Send("POST", $"/users/{user}/application_credentials", body, token);
        var id = made.Body.GetProperty("application_credential").GetProperty("id").GetString();
        var login = await cloud.Auth(
            new { methods = new[] { "application_credential" }, application_credential = new { id, secret = "s" } });
        Assert.Equal(["member"], login.Body.GetProperty("token").GetProperty("roles").EnumerateArray()
            .Select(static role => role.GetProperty("name").GetString()!));
        var number = await cloud.Auth(
            new { methods = new[] { "application_credential" }, application_credential = new { id, secret = 5 } });
        Assert.Equal(400, number.Status);
        Assert.StartsWith("Expecting to find string in password.", number.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"trustee_user_id": "x", "impersonation": false}""", 403, "identity:create_trust")]
    [InlineData("null", 403, "identity:create_trust")]
    [InlineData("""{"trustor_user_id": "@me", "impersonation": false}""", 400, "'trustee_user_id' is a required property")]
    [InlineData("""
        {"trustor_user_id": "@me", "trustee_user_id": "@other", "impersonation": false, "project_id": "@project",
        "roles": [{"name": "reader"}, {"name": "reader"}]}
        """, 409, "attempting to store trust - Duplicate entry found with ID")]
    [InlineData("""
        {"trustor_user_id": "@me", "trustee_user_id": "@other", "impersonation": false, "project_id": "@project",
        "roles": [{"name": "nothing"}]}
        """, 404, "Role nothing is not defined")]
    [InlineData("""
        {"trustor_user_id": "@me", "trustee_user_id": "@other", "impersonation": false, "project_id": "@project",
        "roles": [{"name": "reader"}], "redelegated_trust_id": "nothing"}
        """, 404, "Could not find trust: nothing.")]
    public async Task A_trust_that_cannot_be_is_refused_and_who_may_not_make_it_hears_that_first(string body, int status, string message)
    {
        var (me, project, token) = await cloud.Someone("member");
        var (other, _, _) = await cloud.Someone("member");
        body = body.Replace("@me", me, StringComparison.Ordinal).Replace("@other", other, StringComparison.Ordinal)
            .Replace("@project", project, StringComparison.Ordinal);
        var answer = await cloud.Send("POST", "/OS-TRUST/trusts", $$"""{"trust": {{body}}}""", token);
        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_a_trust_shows_the_whole_of_each_role()
    {
        var trustor = await cloud.Someone("member");
        var trustee = await cloud.Someone("member");
        var trust = (await cloud.Send("POST", "/OS-TRUST/trusts", new { trust = new
        {
            trustor_user_id = trustor.User, trustee_user_id = trustee.User, impersonation = false, project_id = trustor.Project,
            roles = new[] { new { name = "reader" } },
        } }, trustor.Token)).Body.GetProperty("trust");
        var id = trust.GetProperty("id").GetString()!;
        Assert.EndsWith($"/identity/v3/{id}/roles", trust.GetProperty("roles_links").GetProperty("self").GetString(),
            StringComparison.Ordinal);
        var login = await cloud.Auth(new { methods = new[] { "token" }, token = new { id = trustee.Token } },
            new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id } });
        var role = Assert.Single(login.Body.GetProperty("token").GetProperty("roles").EnumerateArray());
        Assert.Equal(["description", "domain_id", "id", "name", "options"],
            role.EnumerateObject().Select(static one => one.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_credential_for_no_project_can_be_listed_and_a_long_word_is_refused()
    {
        var (user, project, token) = await cloud.Someone("member");
        var made = await cloud.Send("POST", "/credentials",
            new { credential = new { user_id = user, type = "cert", blob = "x", project_id = "" } }, token);
        Assert.Equal(201, made.Status);
        Assert.Equal(200, (await cloud.Send("GET", "/credentials", null, token)).Status);
        var path = "/credentials/" + made.Body.GetProperty("credential").GetProperty("id").GetString();
        foreach (var (asked, expected) in ((string, string?)[])[(project, project), ("", null)])
        {
            var changed = await cloud.Send("PATCH", path, new { credential = new { project_id = asked } }, token);
            Assert.Equal(expected, changed.Body.GetProperty("credential").GetProperty("project_id").GetString());
        }

        var none = await cloud.Send("PATCH", path, """{"credential": {"project_id": null}}""", token);
        Assert.Equal(400, none.Status);
        Assert.StartsWith("Invalid input for field 'project_id': None is not of type 'string'\n\n", none.Message, StringComparison.Ordinal);

        var type = new string('x', 256);
        var answer = await cloud.Send("POST", "/credentials", new { credential = new { user_id = user, type, blob = "x" } }, token);
        Assert.Equal(400, answer.Status);
        Assert.Equal($"String length exceeded. The length of string '{type}' exceeds the limit of column type(CHAR(255)).", answer.Message);
        Assert.Equal(403, (await cloud.Send("POST", "/credentials", new { credential = new { type = "cert" } }, token)).Status);
    }

    [Fact]
    public async Task An_EC2_key_pair_is_written_as_Keystone_writes_it_and_nobody_has_one_twice()
    {
        var (user, project, token) = await cloud.Someone("member");
        var blob = """{"access": "key-of-mine", "secret": "s"}""";
        var body = new { credential = new { user_id = user, type = "ec2", project_id = project, blob } };
        var id = (await cloud.Send("POST", "/credentials", body, token)).Body.GetProperty("credential").GetProperty("id").GetString();
        var again = await cloud.Send("POST", "/credentials", body, token);
        Assert.Equal((409, $"Conflict occurred attempting to store credential - Duplicate entry found with ID {id}."),
            (again.Status, again.Message));
        var pair = (await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project }, token)).Body
            .GetProperty("credential");
        var all = (await cloud.Send("GET", "/credentials?type=ec2", null, token)).Body.GetProperty("credentials").EnumerateArray();
        var text = $$"""{"access": "{{pair.GetProperty("access")}}", "secret": "{{pair.GetProperty("secret")}}", "trust_id": null}""";
        Assert.Contains(all, one => one.GetProperty("blob").GetString() == text);
        var none = await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", null, token);
        Assert.Equal((404, "Could not find project: None."), (none.Status, none.Message));
        var unknown = await cloud.Send("POST", "/ec2tokens", new { credentials = new { access = "nobody's" } }, cloud.Admin);
        Assert.Equal(404, unknown.Status);
    }
}
