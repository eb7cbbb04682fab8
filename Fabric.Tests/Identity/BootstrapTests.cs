using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Identity;

public sealed class BootstrapTests
{
    [Fact]
    public async Task A_first_start_that_dies_anywhere_is_made_good_by_the_next()
    {
        for (var calls = 0; ; calls += 3)
        {
            var cloud = new IdentityCloud { FailAfterCalls = calls };
            var died = false;
            try
            {
                await cloud.Start();
            }
            catch (BootstrapCutShortException)
            {
                died = true;
            }

            if (!died)
                await cloud.Stop();
            cloud.FailAfterCalls = null;
            await cloud.InitializeAsync();
            await AssertWhole(cloud);
            await cloud.DisposeAsync();
            if (!died)
            {
                Assert.True(calls > 20, $"Only {calls} calls were made in all.");
                return;
            }
        }
    }

    [Fact]
    public async Task What_was_deleted_or_changed_stays_so_over_a_restart_and_tokens_live_on()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var demo = (await cloud.Do("GET", "/users?name=demo")).GetProperty("users")[0].GetProperty("id").GetString();
        await cloud.Do("DELETE", "/users/" + demo);
        var admin = (await cloud.Do("GET", "/users?name=admin")).GetProperty("users")[0].GetProperty("id").GetString();
        var token = cloud.Admin;

        await cloud.Stop();
        await cloud.Start();

        Assert.Equal(200, (await cloud.Send("GET", "/users/" + admin, null, token)).Status);
        Assert.Equal(0, (await cloud.Do("GET", "/users?name=demo")).GetProperty("users").GetArrayLength());
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task A_password_that_the_operator_left_is_used_and_a_new_one_is_for_its_owner_alone()
    {
        var cloud = new IdentityCloud();
        await File.WriteAllTextAsync(Path.Combine(cloud.Folder, "admin-password"), "chosen\n");
        await cloud.InitializeAsync();
        Assert.NotEmpty(await cloud.Login("admin", "chosen"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(cloud.Folder, "demo-password")));
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task A_revocation_is_forgotten_once_the_token_has_expired_and_not_before()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        await cloud.Get<IGrainFactory>().GetGrain<IRevokedTokenGrain>("old").Revoke(DateTimeOffset.UtcNow.AddSeconds(-1));
        await cloud.Get<IGrainFactory>().GetGrain<IRevokedTokenGrain>("new").Revoke(DateTimeOffset.UtcNow.AddHours(1));
        await cloud.Get<IGrainFactory>().GetGrain<IRevokedTokenGrain>("trust:old").Void(
            new() { TrustId = "old" }, DateTimeOffset.UtcNow.AddSeconds(-1));

        await cloud.Get<RevokedTokenSweep>().Run(default);

        Assert.Equal(["new"], await cloud.Get<IdentityIndex>().Records.ListIds(new(IdentityKinds.RevokedToken), default));
        await cloud.DisposeAsync();
    }

    private static async Task AssertWhole(IdentityCloud cloud)
    {
        foreach (var (path, member, count) in new[]
            {
                ("/users", "users", 2), ("/projects", "projects", 3), ("/roles", "roles", 4), ("/domains", "domains", 1),
                    ("/regions", "regions", 1),
                ("/role_assignments", "role_assignments", 3),
                ("/services", "services", Gateway.GatewayHosting.Services.Count(static service => service.InCatalog)),
                ("/endpoints", "endpoints", 3 * Gateway.GatewayHosting.Services.Count(static service => service.InCatalog)),
            })
            Assert.Equal(count, (await cloud.Do("GET", path)).GetProperty(member).GetArrayLength());
        Assert.NotEmpty(await cloud.Login("demo", cloud.DemoPassword));
        var roles = await cloud.Get<IdentityIndex>().Roles(default);
        var admin = roles.All.Single(role => role.Name == "admin");
        Assert.All(roles.All, static role => Assert.Equal("""{"immutable":true}""", role.Options));
        Assert.Equal(["admin", "manager", "member", "reader"], roles.Expand((IEnumerable<RoleId>)[admin.Id]).Select(role => role.Name));
    }
}

/// <summary>The process "dies" here.</summary>
internal sealed class BootstrapCutShortException : Exception;
