using Fabric.Gateway.Identity;
using Fabric.Grains.Identity;

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

        Assert.True(await AdminReset.Ask(cloud.Folder, TimeSpan.FromMinutes(5), default));

        Assert.NotEqual(before, cloud.AdminPassword);
        Assert.NotEmpty(await cloud.Login("admin", cloud.AdminPassword, new { system = new { all = true } }));
        Assert.NotEmpty(await cloud.Login("admin", cloud.AdminPassword,
            new { project = new { name = "admin", domain = new { id = "default" } } }));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(cloud.Folder, "admin-password")));
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
}
