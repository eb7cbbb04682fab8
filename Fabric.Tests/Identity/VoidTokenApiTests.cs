using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>Why a token is good for nothing any more, in Keystone's words; and what does not end one.</summary>
public sealed class VoidTokenApiTests : IAsyncLifetime
{
    private const string Ended = "Failed to validate token";
    private readonly ShiftedTime time = new();
    private readonly SecurityComplianceOptions rules = new();
    private readonly IdentityCloud cloud;

    public VoidTokenApiTests() => cloud = new()
    {
        Configure = services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.Configure<IdentityOptions>(options =>
            {
                options.SecurityCompliance = rules;
                options.TokenLifetime = TimeSpan.FromDays(60);
            });
        },
    };

    public Task InitializeAsync() => cloud.InitializeAsync();

    public Task DisposeAsync() => cloud.DisposeAsync();

    [Fact]
    public async Task What_ended_it_is_said()
    {
        var revoked = await cloud.Someone("member");
        await cloud.Send("DELETE", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", revoked.Token));
        Assert.Equal((404, Ended), await Why(revoked.Token));
        Assert.Equal((404, Ended), await Why(revoked.Token, "DELETE"));

        var disabled = await cloud.Someone("member");
        await cloud.Do("PATCH", "/users/" + disabled.User, new { user = new { enabled = false } });
        Assert.Equal((404, Ended), await Why(disabled.Token));

        var deleted = await cloud.Someone("member");
        await cloud.Do("DELETE", "/users/" + deleted.User);
        Assert.Equal((404, $"Could not find user: {deleted.User}."), await Why(deleted.Token));

        var homeless = await cloud.Someone("member");
        await cloud.Do("DELETE", "/projects/" + homeless.Project);
        Assert.Equal((404, $"Could not find project: {homeless.Project}."), await Why(homeless.Token));

        var powerless = await cloud.Someone("member");
        await cloud.Do("DELETE", $"/projects/{powerless.Project}/users/{powerless.User}/roles/{await cloud.RoleId("member")}");
        Assert.Equal((404, $"Could not find token: {powerless.Token}."), await Why(powerless.Token));

        Assert.Equal((404, "Could not recognize Fernet token"), await Why("nothing"));
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task A_project_or_domain_that_is_enabled_again_has_its_tokens_again()
    {
        var someone = await cloud.Someone("member");
        await cloud.Do("PATCH", "/projects/" + someone.Project, new { project = new { enabled = false } });
        Assert.Equal((404, $"Unable to validate token because project {someone.Project} is disabled"), await Why(someone.Token));
        await cloud.Do("PATCH", "/projects/" + someone.Project, new { project = new { enabled = true } });
        Assert.Equal((200, ""), await Why(someone.Token));
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, someone.Token)).Status);

        var domain = Id(await cloud.Do("POST", "/domains", new { domain = new { name = "elsewhere" } }), "domain");
        var user = Id(await cloud.Do("POST", "/users", new { user = new { name = "far", password = "p", domain_id = domain } }), "user");
        var token = (await cloud.Auth(Password(user))).Token;
        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = false } });
        Assert.Equal((404, $"Unable to validate token because domain {domain} is disabled"), await Why(token));
        Assert.Equal(401, (await cloud.Auth(Password(user))).Status);
        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = true } });
        Assert.Equal((200, ""), await Why(token));
        var events = await cloud.Do("GET", "/OS-REVOKE/events");
        Assert.DoesNotContain(events.GetProperty("events").EnumerateArray(), static one => one.TryGetProperty("domain_id", out _));
    }

    [Fact]
    public async Task A_membership_that_ends_ends_what_it_gave_at_that_moment()
    {
        var group = Id(await cloud.Do("POST", "/groups", new { group = new { name = "guests" } }), "group");
        var project = Id(await cloud.Do("POST", "/projects", new { project = new { name = "inn" } }), "project");
        var user = Id(await cloud.Do("POST", "/users", new { user = new { name = "guest", password = "p" } }), "user");
        await cloud.Do("PUT", $"/projects/{project}/groups/{group}/roles/{await cloud.RoleId("member")}");
        await cloud.Do("PUT", "/OS-FEDERATION/identity_providers/inns", new { identity_provider = new { authorization_ttl = 120 } });
        await cloud.Get<IGrainFactory>().GetGrain<IFederatedGroupsGrain>(user)
            .Verify("inns", [new GroupId(group)], TimeSpan.FromHours(2));
        var token = (await cloud.Auth(Password(user), new { project = new { id = project } })).Token;
        time.Pass(TimeSpan.FromHours(1));
        Assert.Equal(200, (await cloud.Send("GET", "/auth/catalog", null, token)).Status);
        // Nothing is written from here on: what was remembered of the token must end by itself.
        time.Pass(TimeSpan.FromHours(1));
        Assert.Equal(401, (await cloud.Send("GET", "/auth/catalog", null, token)).Status);
        Assert.Equal((404, $"Could not find token: {token}."), await Why(token));
    }

    [Fact]
    public async Task The_tokens_of_a_trust_end_with_it()
    {
        var trustor = await cloud.Someone("member");
        var trustee = await cloud.Someone("reader");
        var trust = (await cloud.Send("POST", "/OS-TRUST/trusts", new { trust = new
        {
            trustor_user_id = trustor.User, trustee_user_id = trustee.User, impersonation = true, project_id = trustor.Project,
            roles = new[] { new { name = "member" } }, expires_at = Wire.Micros(time.GetUtcNow() + TimeSpan.FromHours(1)),
        } }, trustor.Token)).Body.GetProperty("trust").GetProperty("id").GetString()!;
        var token = (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = trustee.Token } },
            new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = trust } })).Token;
        Assert.Equal(200, (await cloud.Send("GET", "/auth/catalog", null, token)).Status);
        time.Pass(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(404, (await cloud.Send("GET", "/auth/catalog", null, token)).Status);
        Assert.Equal((404, $"Could not find trust: {trust}."), await Why(token));
    }

    [Fact]
    public async Task Running_tokens_outlive_a_password_and_their_users_absence()
    {
        rules.PasswordExpiresDays = 2;
        rules.DisableUserAccountDaysInactive = 3;
        var someone = await cloud.Someone("member");
        time.Pass(TimeSpan.FromDays(5));
        Assert.Equal(401, (await cloud.Auth(Password(someone.User, "wrong"))).Status);
        Assert.False((await cloud.Do("GET", "/users/" + someone.User)).GetProperty("user").GetProperty("enabled").GetBoolean());
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, someone.Token)).Status);
        Assert.Equal(201, (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = someone.Token } })).Status);
    }

    private static object Password(string user, string password = "p") =>
        new { methods = new[] { "password" }, password = new { user = new { id = user, password } } };

    private async Task<(int Status, string Message)> Why(string token, string method = "GET")
    {
        var answer = await cloud.Send(method, "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", token));
        return (answer.Status, answer.Status < 300 ? "" : answer.Message);
    }

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;
}
