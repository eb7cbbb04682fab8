using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent;
using Fabric.NodeAgent.Agent;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Drivers;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Nodes;

/// <summary>Nodes as the cluster reaches them, in a whole cloud.</summary>
public sealed class NodeGrainTests
{
    [Fact]
    public async Task A_node_grain_reaches_the_agent_of_its_node()
    {
        await using var cloud = await Cloud.Start(nodes: 3);
        var guest = HypervisorSamples.Guest();
        var node = cloud.Grains.GetGrain<INodeGrain>("sim-0002");
        await node.EnsureInstance(guest);
        Assert.Equal(guest.Id, Assert.Single(Host(cloud, "sim-0002").Guests).Id);
        Assert.Empty(Host(cloud, "sim-0001").Guests);
        Assert.Contains("ready", await node.ConsoleOutput(guest.Id, null));

        await node.RebootInstance(guest with { Generation = 2 }, RebootKind.Hard);
        Assert.Equal(2, Assert.Single(Host(cloud, "sim-0002").Guests).Boots);
        await node.EnsureInstanceAbsent(guest.Id);
        Assert.Empty(Host(cloud, "sim-0002").Guests);
    }

    [Fact]
    public async Task A_node_whose_agent_is_not_here_says_so_and_it_is_no_fault_of_the_user()
    {
        await using var cloud = await Cloud.Start();
        var node = cloud.Grains.GetGrain<INodeGrain>("elsewhere");
        await Assert.ThrowsAsync<NodeNotHereException>(() => node.EnsureInstanceAbsent(InstanceId.New()));
    }

    [Fact]
    public async Task A_fault_of_the_driver_arrives_as_the_same_fault()
    {
        await using var cloud = await Cloud.Start();
        var refused = await Assert.ThrowsAsync<Fault>(
            () => cloud.Grains.GetGrain<INodeGrain>("sim-0001").ConsoleOutput(InstanceId.New(), null));
        Assert.Equal((FaultKind.NotFound, "InstanceNotFound"), (refused.Kind, refused.Type));
    }

    [Fact]
    public async Task Builds_on_one_node_do_not_wait_for_each_other()
    {
        await using var cloud = await Cloud.Start();
        Host(cloud, "sim-0001").Dials.Manual = true;
        var node = cloud.Grains.GetGrain<INodeGrain>("sim-0001");
        var builds = Enumerable.Range(0, 8).Select(_ => node.EnsureInstance(HypervisorSamples.Guest())).ToList();
        await Eventually.True(() => Host(cloud, "sim-0001").Guests.Count == 8, "all eight builds are at work at once");
        Host(cloud, "sim-0001").Step();
        await Task.WhenAll(builds).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Two_hundred_nodes_of_one_process_are_taken_up()
    {
        await using var cloud = await Cloud.Start(nodes: 200);
        var status = cloud.Services.GetRequiredService<INodeAgentStatus>();
        await status.AllRegistered.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((200, 200), (status.NodeCount, status.RegisteredCount));
    }

    [Fact]
    public async Task What_a_guest_does_by_itself_is_heard_before_the_next_heartbeat()
    {
        var sink = new SinkTwin();
        await using var cloud = await Cloud.Start(configure: services => services.AddSingleton<IObservedStateSink>(sink));
        await cloud.Services.GetRequiredService<INodeAgentStatus>().AllRegistered.WaitAsync(TimeSpan.FromSeconds(20));
        var guest = HypervisorSamples.Guest();
        await cloud.Grains.GetGrain<INodeGrain>("sim-0001").EnsureInstance(guest);
        Host(cloud, "sim-0001").Happen(guest.Id, PowerState.Shutdown);

        var heartbeat = cloud.Services.GetRequiredService<NodeAgentOptions>().HeartbeatInterval;
        await Eventually.True(
            () => sink.Seen.Contains(new(guest.Id, PowerState.Shutdown, 1)), "the cloud heard that the guest ended", heartbeat / 2);
    }

    private static SimulatedHypervisor Host(Cloud cloud, string name) =>
        cloud.Services.GetRequiredService<SimulatedNodes>()[name].Hypervisor;

    /// <summary>Keeps what it hears.</summary>
    private sealed class SinkTwin : IObservedStateSink
    {
        public ConcurrentBag<ObservedInstance> Seen { get; } = [];

        public Task Observed(string nodeName, ObservedNode observed, CancellationToken ct)
        {
            foreach (var instance in observed.Instances)
                Seen.Add(instance);
            return Task.CompletedTask;
        }
    }
}
