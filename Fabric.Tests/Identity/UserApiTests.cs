namespace Fabric.Tests.Identity;

public sealed class UserApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_user_is_made_shown_listed_changed_and_deleted()
    {
        var made = (await cloud.Do("POST", "/users", new
        {
            user = new { name = "alice", password = "secret", email = "a@example.org", description = "first" },
        })).GetProperty("user");
        var id = made.GetProperty("id").GetString()!;
        Assert.Equal("default", made.GetProperty("domain_id").GetString());
        Assert.Equal("a@example.org", made.GetProperty("email").GetString());
        Assert.EndsWith("/identity/v3/users/" + id, made.GetProperty("links").GetProperty("self").GetString());
        Assert.False(made.TryGetProperty("password", out _));

        var listed = await cloud.Do("GET", "/users?name=alice&enabled=true");
        Assert.Equal(id, listed.GetProperty("users")[0].GetProperty("id").GetString());
        Assert.Equal("null", listed.GetProperty("links").GetProperty("next").GetRawText());
        Assert.Equal(0, (await cloud.Do("GET", "/users?name=alice&enabled=false")).GetProperty("users").GetArrayLength());
        Assert.Equal(0, (await cloud.Do("GET", "/users?domain_id=nowhere")).GetProperty("users").GetArrayLength());

        var changed = (await cloud.Do("PATCH", "/users/" + id, new { user = new { name = "alicia", phone = 5 } })).GetProperty("user");
        Assert.Equal("alicia", changed.GetProperty("name").GetString());
        Assert.Equal(5, changed.GetProperty("phone").GetInt32());
        Assert.Equal("a@example.org", changed.GetProperty("email").GetString());

        await cloud.Do("DELETE", "/users/" + id);
        var gone = await cloud.Send("GET", "/users/" + id, null, cloud.Admin);
        Assert.Equal(404, gone.Status);
        Assert.Equal($"Could not find user: {id}.", gone.Message);
    }

    [Fact]
    public async Task Two_users_of_one_domain_cannot_have_one_name_whatever_its_case()
    {
        await cloud.Do("POST", "/users", new { user = new { name = "Twin" } });
        var other = (await cloud.Do("POST", "/users", new { user = new { name = "other" } })).GetProperty("user").GetProperty(
            "id").GetString();

        var second = await cloud.Send("POST", "/users", new { user = new { name = "twin" } }, cloud.Admin);
        var renamed = await cloud.Send("PATCH", "/users/" + other, new { user = new { name = "twin" } }, cloud.Admin);

        Assert.Equal((409, 409), (second.Status, renamed.Status));
        Assert.Equal("Conflict occurred attempting to store user - Duplicate entry found with name twin at domain ID default.",
            second.Message);
        Assert.Equal("other", (await cloud.Do("GET", "/users/" + other)).GetProperty("user").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("{}", "'name' is a required property")]
    [InlineData("""{"user": {"name": 5}}""", "Invalid input for field 'name': 5 is not of type 'string'")]
    [InlineData("""{"user": {"name": ""}}""", "Invalid input for field 'name': '' is too short")]
    [InlineData("""{"user": {"name": "x", "enabled": "yes"}}""", "Invalid input for field 'enabled': 'yes' is not of type 'boolean'")]
    [InlineData("""{"user": {"name": "x", "domain_id": "a b"}}""",
        "Invalid input for field 'domain_id': 'a b' does not match '^[a-zA-Z0-9-]+$'")]
    public async Task A_user_that_makes_no_sense_is_refused(string body, string message)
    {
        var answer = await cloud.Send("POST", "/users", body, cloud.Admin);
        Assert.Equal(400, answer.Status);
        Assert.Equal(message, answer.Message.Split("\n\nFailed validating")[0]);
    }

    [Fact]
    public async Task A_user_of_no_domain_is_404_and_none_moves_to_another()
    {
        Assert.Equal(404, (await cloud.Send(
            "POST", "/users", new { user = new { name = "x", domain_id = "nowhere" } }, cloud.Admin)).Status);
        var (user, _, _) = await cloud.Someone("reader");
        Assert.Equal(400, (await cloud.Send("PATCH", "/users/" + user, new { user = new { domain_id = "other" } }, cloud.Admin)).Status);
        Assert.Equal(400, (await cloud.Send("PATCH", "/users/" + user, new { user = new { id = "other" } }, cloud.Admin)).Status);
    }

    [Fact]
    public async Task A_user_sees_itself_and_no_other()
    {
        var (user, _, token) = await cloud.Someone("member");
        var (other, _, _) = await cloud.Someone("member");

        Assert.Equal(200, (await cloud.Send("GET", "/users/" + user, null, token)).Status);
        Assert.Equal(200, (await cloud.Send("GET", $"/users/{user}/projects", null, token)).Status);
        var refused = await cloud.Send("GET", "/users/" + other, null, token);
        Assert.Equal(403, refused.Status);
        Assert.Equal("You are not authorized to perform the requested action: identity:get_user.", refused.Message);
        // Whether there is such a user is nobody's business either.
        Assert.Equal(403, (await cloud.Send("GET", "/users/nobody", null, token)).Status);
        Assert.Equal(403, (await cloud.Send("GET", "/users", null, token)).Status);
        Assert.Equal(403, (await cloud.Send("PATCH", "/users/" + user, new { user = new { description = "me" } }, token)).Status);
    }

    [Fact]
    public async Task A_user_changes_its_own_password_knowing_the_old_one()
    {
        var (user, project, token) = await cloud.Someone("member");
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;
        var wrong = await cloud.Send("POST", $"/users/{user}/password", new { user = new { original_password = "no", password = "new" } });
        Assert.Equal(401, wrong.Status);

        var change = new { user = new { original_password = "pass-" + name, password = "new" } };
        Assert.Equal(204, (await cloud.Send("POST", $"/users/{user}/password", change, token)).Status);

        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        var fresh = await cloud.Login(name, "new", new { project = new { id = project } });
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, fresh)).Status);
        Assert.Equal(400, (await cloud.Send("POST", $"/users/{user}/password", new { user = new { password = "x" } })).Status);
    }

    [Fact]
    public async Task A_reader_of_one_domain_sees_its_users_alone()
    {
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "d" + Guid.NewGuid() } })).GetProperty(
            "domain").GetProperty("id")
            .GetString()!;
        var user = (await cloud.Do("POST", "/users", new { user = new { name = "warden", password = "x", domain_id = domain } }))
            .GetProperty("user").GetProperty("id").GetString()!;
        await cloud.Do("PUT", $"/domains/{domain}/users/{user}/roles/{await cloud.RoleId("reader")}");
        var identity = new { methods = new[] { "password" }, password = new { user = new { id = user, password = "x" } } };
        var answer = await cloud.Send(
            "POST", "/auth/tokens", new { auth = new { identity, scope = new { domain = new { id = domain } } } });
        var token = answer.Headers.GetValues("X-Subject-Token").Single();

        var users = (await cloud.Send("GET", "/users", null, token)).Body.GetProperty("users");

        Assert.Equal("warden", Assert.Single(users.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(403, (await cloud.Send("POST", "/users", new { user = new { name = "x" } }, token)).Status);
        Assert.Equal(200, (await cloud.Send("GET", "/domains/" + domain, null, token)).Status);
        Assert.Equal(403, (await cloud.Send("GET", "/domains/default", null, token)).Status);
    }
}
