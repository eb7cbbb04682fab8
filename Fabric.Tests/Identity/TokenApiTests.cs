using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class TokenApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private static readonly object AdminProject = new { project = new { name = "admin", domain = new { name = "Default" } } };

    [Fact]
    public async Task A_project_token_says_who_where_with_which_roles_and_the_catalog()
    {
        var answer = await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", cloud.Admin));

        Assert.Equal(200, answer.Status);
        var token = answer.Body.GetProperty("token");
        Assert.Equal(["password"], token.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal("admin", token.GetProperty("user").GetProperty("name").GetString());
        Assert.Equal("Default", token.GetProperty("project").GetProperty("domain").GetProperty("name").GetString());
        Assert.Equal(["admin", "manager", "member", "reader"],
            token.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", token.GetProperty("expires_at").GetString());
        Assert.Equal(22, token.GetProperty("audit_ids")[0].GetString()!.Length);
        var keystone = token.GetProperty("catalog").EnumerateArray().Single(
            service => service.GetProperty("type").GetString() == "identity");
        Assert.Equal(cloud.Http.BaseAddress + "identity", keystone.GetProperty("endpoints")[0].GetProperty("url").GetString());
        Assert.Equal(["admin", "internal", "public"],
            keystone.GetProperty("endpoints").EnumerateArray().Select(e => e.GetProperty("interface").GetString()).Order());
        Assert.Equal("RegionOne", keystone.GetProperty("endpoints")[0].GetProperty("region").GetString());
    }
}
