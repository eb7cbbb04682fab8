using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>What Keystone's running code answers where one would not guess it: tokens whose ground is gone, endpoint groups, policies,
/// settings of domains, paths.</summary>
public sealed class RefusalWireTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task Identity_tells_a_caller_what_its_token_stood_for_and_is_gone()
    {
        var deleted = await cloud.Someone("member");
        await cloud.Do("DELETE", "/users/" + deleted.User);
        Assert.Equal((404, $"Could not find user: {deleted.User}."), await Ask("GET", "/auth/projects", deleted.Token));

        var homeless = await cloud.Someone("member");
        await cloud.Do("DELETE", "/projects/" + homeless.Project);
        Assert.Equal((404, $"Could not find project: {homeless.Project}."), await Ask("GET", "/auth/projects", homeless.Token));

        var closed = await cloud.Someone("member");
        await cloud.Do("PATCH", "/projects/" + closed.Project, new { project = new { enabled = false } });
        Assert.Equal((404, $"Unable to validate token because project {closed.Project} is disabled"),
            await Ask("GET", "/auth/projects", closed.Token));

        var disabled = await cloud.Someone("member");
        await cloud.Do("PATCH", "/users/" + disabled.User, new { user = new { enabled = false } });
        Assert.Equal(401, (await Ask("GET", "/auth/projects", disabled.Token)).Status);

        var powerless = await cloud.Someone("member");
        await cloud.Do("DELETE", $"/projects/{powerless.Project}/users/{powerless.User}/roles/{await cloud.RoleId("member")}");
        Assert.Equal(401, (await Ask("GET", "/auth/projects", powerless.Token)).Status);
    }

    [Fact]
    public async Task A_trusts_token_without_the_role_that_it_lends_is_forbidden()
    {
        var (trustor, project, token) = await cloud.Someone("member");
        var trustee = await cloud.Someone("reader");
        var role = await cloud.RoleId("member");
        var made = await cloud.Send("POST", "/OS-TRUST/trusts", new { trust = new { trustor_user_id = trustor,
            trustee_user_id = trustee.User, impersonation = false, project_id = project, roles = new[] { new { id = role } } } }, token);
        Assert.Equal(201, made.Status);
        var trust = new Dictionary<string, object>
        {
            ["OS-TRUST:trust"] = new { id = made.Body.GetProperty("trust").GetProperty("id").GetString() },
        };
        var name = (await cloud.Do("GET", "/users/" + trustee.User)).GetProperty("user").GetProperty("name").GetString()!;
        var lent = await cloud.Login(name, "pass-" + name, trust);
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, lent)).Status);
        await cloud.Do("DELETE", $"/projects/{project}/users/{trustor}/roles/{role}");
        Assert.Equal((403, "You are not authorized to perform the requested action."), await Ask("GET", "/auth/projects", lent));
    }

    [Fact]
    public async Task A_group_of_endpoints_keeps_nothing_besides_and_is_not_looked_for_by_its_projects()
    {
        const string Groups = "/OS-EP-FILTER/endpoint_groups";
        const string Unknown = "'colour' is an invalid keyword argument for EndpointGroup";
        var filters = new { @interface = "public" };
        Assert.Equal((400, Unknown), await Ask("POST", Groups, cloud.Admin,
            new { endpoint_group = new { name = "besides", filters, colour = "red" } }));
        var id = (await cloud.Do("POST", Groups, new { endpoint_group = new { name = "besides", filters } })).GetProperty(
            "endpoint_group").GetProperty("id").GetString();
        Assert.Equal((400, Unknown), await Ask("PATCH", $"{Groups}/{id}", cloud.Admin, new { endpoint_group = new { colour = "red" } }));
        Assert.Equal(0, (await cloud.Do("GET", Groups + "/nope/projects")).GetProperty("projects").GetArrayLength());
        Assert.Equal((404, "Could not find project: nope."),
            await Ask("GET", "/OS-EP-FILTER/projects/nope/endpoint_groups", cloud.Admin));
    }

    [Fact]
    public async Task The_id_of_a_policy_is_compared_before_the_policy_is_looked_for()
    {
        var id = (await cloud.Do("POST", "/policies", new { policy = new { type = "x", blob = "y" } })).GetProperty("policy").GetProperty(
            "id").GetString();
        foreach (var (at, said) in new[] { (id, "x"), (id, null), ("nope", "x") })
        {
            Assert.Equal((400, "Cannot change policy ID"),
                await Ask("PATCH", "/policies/" + at, cloud.Admin, new { policy = new { id = said } }));
        }

        Assert.Equal(200, (await cloud.Send("PATCH", "/policies/" + id, new { policy = new { id, blob = "z" } }, cloud.Admin)).Status);
    }

    [Fact]
    public async Task What_a_domains_settings_lack_is_told_from_the_group_down()
    {
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "settled" } })).GetProperty("domain").GetProperty(
            "id").GetString();
        var path = $"/domains/{domain}/config";
        await cloud.Do("PUT", path, new { config = new { ldap = new { url = "http://x" } } });
        foreach (var body in new[] { "{}", """{"config": {}}""", """{"config": []}""", """{"config": null}""" })
        {
            Assert.Equal((403, "Invalid domain specific configuration: The value of group ldap specified in the config should be a "
                + "dictionary of options."), await Ask("PATCH", path + "/ldap/url", cloud.Admin, body));
        }

        await cloud.Do("DELETE", path + "/ldap/url");
        Assert.Equal((404, $"Could not find group ldap in domain configuration for domain {domain}."),
            await Ask("DELETE", path + "/ldap/url", cloud.Admin));
    }

    [Fact]
    public async Task A_slash_in_a_tag_is_a_slash_of_the_path()
    {
        var (_, project, _) = await cloud.Someone("member");
        foreach (var method in new[] { "PUT", "GET", "DELETE" })
            Assert.Equal(404, (await cloud.Send(method, $"/projects/{project}/tags/a%2Fb", null, cloud.Admin)).Status);
        Assert.Equal(0, (await cloud.Do("GET", $"/projects/{project}/tags")).GetProperty("tags").GetArrayLength());
    }

    [Theory]
    [InlineData("/identity/")]
    [InlineData("/identity/v3")]
    [InlineData("/identity/v3/")]
    public async Task What_the_versions_do_not_know_is_told_by_a_page(string path)
    {
        using var answer = await cloud.Http.PostAsync(path, null);
        Assert.Equal((405, "text/html; charset=utf-8"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.Equal("<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n"
            + "<p>The method is not allowed for the requested URL.</p>\n", await answer.Content.ReadAsStringAsync());
    }

    private async Task<(int Status, string Message)> Ask(string method, string path, string token, object? body = null)
    {
        var answer = await cloud.Send(method, path, body, token);
        return (answer.Status, answer.Body.ValueKind == JsonValueKind.Object && answer.Body.TryGetProperty("error", out _)
            ? answer.Message : "");
    }
}
