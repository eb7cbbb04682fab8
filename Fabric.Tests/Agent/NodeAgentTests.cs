using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Drivers;

namespace Fabric.Tests.Agent;

/// <summary>The agent's own promises: order per guest, old intents dropped, networks before guests.</summary>
public sealed class NodeAgentTests
{
    [Fact]
    public async Task An_older_generation_is_dropped()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest() with { Generation = 5 };
        await node.Agent.EnsureInstance(wanted, default);
        await node.Agent.EnsureInstance(wanted with { Generation = 4, Power = DesiredPower.Stopped }, default);
        await node.Agent.RebootInstance(wanted with { Generation = 3 }, RebootKind.Hard, default);

        var guest = Assert.Single(node.Host.Guests);
        Assert.Equal((5, PowerState.Running, 1), (guest.Generation, guest.Current, guest.Boots));
    }

    [Fact]
    public async Task An_older_generation_is_dropped_by_an_agent_that_has_just_started_too()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest() with { Generation = 5 };
        await node.Agent.EnsureInstance(wanted, default);
        node.Restart();
        await node.Agent.EnsureInstance(wanted with { Generation = 4, Power = DesiredPower.Stopped }, default);
        Assert.Equal(PowerState.Running, Assert.Single(node.Host.Guests).Current);
    }

    [Fact]
    public async Task A_guest_that_is_removed_and_wanted_anew_is_made_anew()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest() with { Generation = 5 };
        await node.Agent.EnsureInstance(wanted, default);
        await node.Agent.EnsureInstanceAbsent(wanted.Id, default);
        await node.Agent.EnsureInstance(wanted with { Generation = 1 }, default);
        Assert.Equal(1, Assert.Single(node.Host.Guests).Generation);
    }

    [Fact]
    public async Task Verbs_for_one_guest_wait_for_each_other_and_those_for_others_do_not()
    {
        await using var node = new PlayedNode();
        node.Host.Dials.Manual = true;
        var (one, two) = (HypervisorSamples.Guest(), HypervisorSamples.Guest());
        var start = node.Agent.EnsureInstance(one, default);
        var remove = node.Agent.EnsureInstanceAbsent(one.Id, default);
        await node.Agent.EnsureInstanceAbsent(two.Id, default).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(remove.IsCompleted);

        node.Host.Step();
        await Task.WhenAll(start, remove).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(node.Host.Guests);
    }

    [Fact]
    public async Task Bridges_are_there_before_the_guest_starts()
    {
        await using var node = new PlayedNode();
        var network = NetworkId.New();
        var nic = new DesiredNic { PortId = PortId.New(), NetworkId = network, MacAddress = "fa:16:3e:00:00:01", Mtu = 1450 };
        node.Host.Dials.FailNext(SimulatedVerb.Ensure);
        await Assert.ThrowsAsync<IOException>(() => node.Agent.EnsureInstance(HypervisorSamples.Guest() with { Nics = [nic] }, default));
        Assert.Contains(network, (await node.Network.Observe(default)).Networks);
    }

    [Fact]
    public async Task A_lost_answer_is_mended_by_asking_again()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest();
        node.Host.Dials.Lose(SimulatedVerb.Ensure);
        await Assert.ThrowsAsync<TimeoutException>(() => node.Agent.EnsureInstance(wanted, default));
        await node.Agent.EnsureInstance(wanted, default);
        Assert.Equal(1, Assert.Single(node.Host.Guests).Boots);
    }
}
