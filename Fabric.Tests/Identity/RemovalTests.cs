using Fabric.Grains.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>Removals that are cut short: what is left is whole enough to be removed again.</summary>
public sealed class RemovalTests : IAsyncLifetime
{
    private readonly CutShort cut = new();
    private readonly IdentityCloud cloud;

    public RemovalTests() =>
        cloud = new() { Configure = services => services.AddSingleton<IOutgoingGrainCallFilter>(cut) };

    public Task InitializeAsync() => cloud.InitializeAsync();

    public Task DisposeAsync() => cloud.DisposeAsync();

    [Theory]
    [InlineData(typeof(IRoleAssignmentGrain))]
    [InlineData(typeof(IGroupMemberGrain))]
    [InlineData(typeof(IGroupGrain))]
    public async Task A_group_whose_removal_was_cut_short_is_removed_by_asking_again(Type before)
    {
        var group = (await cloud.Do("POST", "/groups", new { group = new { name = "g" } })).GetProperty("group").GetProperty("id")
            .GetString()!;
        var (user, project, _) = await cloud.Someone("reader");
        await cloud.Do("PUT", $"/groups/{group}/users/{user}");
        await cloud.Do("PUT", $"/projects/{project}/groups/{group}/roles/{await cloud.RoleId("member")}");

        cut.Before = before;
        Assert.Equal(500, (await cloud.Send("DELETE", "/groups/" + group, null, cloud.Admin)).Status);
        await cloud.Stop();
        cut.Before = null;
        await cloud.Start();
        Assert.Equal(200, (await cloud.Send("GET", "/groups/" + group, null, cloud.Admin)).Status);
        await cloud.Do("DELETE", "/groups/" + group);

        Assert.Equal(404, (await cloud.Send("GET", "/groups/" + group, null, cloud.Admin)).Status);
        Assert.Equal(0, (await cloud.Do("GET", "/role_assignments?group.id=" + group)).GetProperty("role_assignments").GetArrayLength());
        Assert.Equal(0, (await cloud.Do("GET", $"/users/{user}/groups")).GetProperty("groups").GetArrayLength());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_role_whose_end_was_cut_short_before_what_it_was_lent_to_is_ended_by_asking_again(bool everywhere)
    {
        var role = (await cloud.Do("POST", "/roles", new { role = new { name = "auditor" } })).GetProperty("role").GetProperty("id")
            .GetString()!;
        var (user, project, token) = await cloud.Someone("member");
        var made = await cloud.Send(
            "POST", $"/users/{user}/application_credentials", new { application_credential = new { name = "app" } }, token);
        Assert.Equal(201, made.Status);
        var held = $"/projects/{project}/users/{user}/roles/{role}";
        await cloud.Do("PUT", held);
        var path = everywhere ? "/roles/" + role : held;

        cut.Before = typeof(IAppCredentialGrain);
        Assert.Equal(500, (await cloud.Send("DELETE", path, null, cloud.Admin)).Status);
        cut.Before = null;
        await cloud.Do("DELETE", path);
        Assert.Equal(0, (await cloud.Do("GET", $"/users/{user}/application_credentials")).GetProperty("application_credentials")
            .GetArrayLength());
        Assert.Equal(404, (await cloud.Send("GET", held, null, cloud.Admin)).Status);
    }

    /// <summary>The process "dies" before it calls a grain of one kind.</summary>
    private sealed class CutShort : IOutgoingGrainCallFilter
    {
        internal Type? Before { get; set; }

        public Task Invoke(IOutgoingGrainCallContext context) =>
            context.InterfaceMethod.DeclaringType == Before ? throw new BootstrapCutShortException() : context.Invoke();
    }
}
