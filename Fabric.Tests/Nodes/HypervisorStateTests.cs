using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor.Simulated;

namespace Fabric.Tests.Nodes;

/// <summary>When a node is up.</summary>
public sealed class HypervisorStateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_node_is_up_while_it_was_heard_of_lately_and_not_forced_down()
    {
        var node = Seen(Noon);
        Assert.True(node.IsUp(Noon + HypervisorState.DownAfter));
        Assert.False(node.IsUp(Noon + HypervisorState.DownAfter + TimeSpan.FromSeconds(1)));
        Assert.False((node with { ForcedDown = true }).IsUp(Noon));
    }

    [Fact]
    public void A_heartbeat_from_the_future_says_nothing_but_one_of_a_clock_that_is_a_little_ahead_does()
    {
        Assert.False(Seen(Noon + TimeSpan.FromHours(1)).IsUp(Noon));
        Assert.True(Seen(Noon + TimeSpan.FromSeconds(5)).IsUp(Noon));
    }

    private static HypervisorState Seen(DateTimeOffset at) => new()
    {
        Inventory = SimulatedInventory.Of("sim-0001", TimeSpan.Zero),
        ProviderId = ResourceProviderId.New(),
        ServiceId = Guid.Empty,
        LastSeenAt = at,
        CreatedAt = at,
        UpdatedAt = at,
    };
}
