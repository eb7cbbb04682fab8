using Fabric.Gateway.Identity;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Operator;

namespace Fabric.Tests.Identity;

/// <summary>What an operator does to identity's secrets.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task Whoever_locked_the_first_admin_out_gets_in_again()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var before = cloud.AdminPassword;
        var admin = (await cloud.Show(cloud.Admin)).GetProperty("user").GetProperty("id").GetString();
        await cloud.Do("DELETE", $"/system/users/{admin}/roles/{await cloud.RoleId("admin")}");
        await cloud.Do("PATCH", "/users/" + admin, new
        {
            user = new { password = "forgotten", enabled = false, options = new { multi_factor_auth_rules = new[] { new[] { "totp" } } } },
        });

        await PasswordFile.Replace(Path.Combine(cloud.Folder, "admin-password"), null, default);
        Assert.True((await Ask(cloud, OperatorRequest.ResetAdmin)).Done);

        Assert.NotEqual(before, cloud.AdminPassword);
        Assert.NotEmpty(await cloud.Login("admin", cloud.AdminPassword, new { system = new { all = true } }));
        Assert.NotEmpty(await cloud.Login("admin", cloud.AdminPassword,
            new { project = new { name = "admin", domain = new { id = "default" } } }));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(cloud.Folder, "admin-password")));
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task A_bootstrap_makes_again_what_a_cloud_cannot_be_administered_without()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var service = (await cloud.Do("GET", "/services?type=identity")).GetProperty("services")[0].GetProperty("id").GetString();
        await cloud.Do("DELETE", "/services/" + service);
        var project = (await cloud.Do("GET", "/projects?name=admin")).GetProperty("projects")[0].GetProperty("id").GetString();
        await cloud.Do("DELETE", "/projects/" + project);

        // The same twice: a request may be carried out again.
        await PasswordFile.Replace(Path.Combine(cloud.Folder, "admin-password"), "chosen", default);
        Assert.True((await Ask(cloud, OperatorRequest.Bootstrap)).Done);
        Assert.True((await Ask(cloud, OperatorRequest.Bootstrap)).Done);

        Assert.Equal("chosen", cloud.AdminPassword);
        await cloud.LoginAdmin();
        var made = await cloud.Do("GET", "/services?type=identity");
        Assert.Equal(1, made.GetProperty("services").GetArrayLength());
        var endpoints = await cloud.Do("GET", "/endpoints?service_id=" + made.GetProperty("services")[0].GetProperty("id").GetString());
        Assert.Equal(3, endpoints.GetProperty("endpoints").GetArrayLength());
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task What_an_operator_asks_is_done_at_the_next_start_and_nonsense_is_refused()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        await cloud.Stop();
        var nothing = new Dictionary<string, string>();
        Assert.Null(await new OperatorRequest(OperatorRequest.ResetAdmin, nothing).Ask(cloud.Folder, TimeSpan.Zero, default));
        await PasswordFile.Replace(Path.Combine(cloud.Folder, "admin-password"), "later", default);
        await cloud.Start();

        // Requests are taken in turn, so the one before is done when this one is answered.
        var refused = await Ask(cloud, "no-such-thing");
        Assert.False(refused.Done);
        await cloud.LoginAdmin();
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task The_keys_of_credentials_rotate_no_faster_than_the_cloud_brings_all_under_the_new_one()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var made = await cloud.Do("POST", "/credentials", new { credential = new { user_id = "x", type = "cert", blob = "kept" } });
        Assert.True(await TokenKeys.AwaitCredentials(cloud.Folder, TimeSpan.FromMinutes(5), default));
        await cloud.Stop();
        Assert.True(TokenKeys.RotateCredentials(cloud.Folder));
        Assert.False(TokenKeys.RotateCredentials(cloud.Folder));
        Assert.False(await TokenKeys.AwaitCredentials(cloud.Folder, TimeSpan.Zero, default));
        await cloud.Start();
        for (var round = 0; round < 3; round++)
        {
            Assert.True(await TokenKeys.AwaitCredentials(cloud.Folder, TimeSpan.FromMinutes(5), default));
            Assert.True(TokenKeys.RotateCredentials(cloud.Folder));
        }

        var shown = await cloud.Do("GET", "/credentials/" + made.GetProperty("credential").GetProperty("id").GetString());
        Assert.Equal("kept", shown.GetProperty("credential").GetProperty("blob").GetString());
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task Tokens_live_on_over_a_rotation_of_their_keys()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var demo = await cloud.Login("demo", cloud.DemoPassword);
        TokenKeys.Rotate(cloud.Folder);
        Assert.NotEqual(demo, await cloud.Login("demo", cloud.DemoPassword));
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, demo)).Status);
        await cloud.DisposeAsync();
    }

    private static async Task<OperatorAnswer> Ask(IdentityCloud cloud, string request) =>
        await new OperatorRequest(request, new Dictionary<string, string>()).Ask(cloud.Folder, TimeSpan.FromMinutes(5), default)
        ?? throw new Xunit.Sdk.XunitException("nobody answered the request " + request);
}
