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

    /// <summary>The process "dies" before it calls a grain of one kind.</summary>
    private sealed class CutShort : IOutgoingGrainCallFilter
    {
        internal Type? Before { get; set; }

        public Task Invoke(IOutgoingGrainCallContext context) =>
            context.InterfaceMethod.DeclaringType == Before ? throw new BootstrapCutShortException() : context.Invoke();
    }
}
