using Fabric.NodeAgent.Network;

namespace Fabric.Tests.Drivers;

/// <summary>What every network driver promises, real or simulated.</summary>
public abstract class NetworkDriverContract
{
    /// <summary>Ids that no other test uses.</summary>
    private protected NetworkSamples Sample { get; } = new(Random.Shared.Next(0x100, 0xffff));

    private protected abstract INetworkDriver Driver { get; }

    [SkippableFact]
    public async Task What_was_applied_is_observed()
    {
        await Driver.Apply(Sample.Whole(1), default);

        var observed = await Driver.Observe(default);
        Assert.Equal([Sample.Inside, Sample.Outside], observed.Networks.OrderBy(id => id.Text));
        Assert.Equal([Sample.Inside], observed.DhcpNetworks);
        Assert.Equal([Sample.Router], observed.Routers);
        Assert.Equal([DeviceNames.Tap(Sample.PortA), DeviceNames.Tap(Sample.PortB)], observed.Taps.Order());
    }

    [SkippableFact]
    public async Task A_router_advertises_itself_while_it_is_on_an_ipv6_subnet()
    {
        await Driver.Apply(Sample.WholeDual(1), default);
        Assert.Equal([Sample.Router], (await Driver.Observe(default)).Advertisers);
        Assert.Equal([Sample.Inside], (await Driver.Observe(default)).DhcpNetworks);

        await Driver.Apply(Sample.Whole(2), default);
        Assert.Empty((await Driver.Observe(default)).Advertisers);
    }

    [SkippableFact]
    public async Task A_network_of_ipv6_alone_has_dhcp_where_its_guests_ask_for_it()
    {
        var dual = Sample.Dual("dhcpv6-stateful");
        await Driver.Apply(Sample.Whole(1) with { Networks = [dual with { Subnets = [dual.Subnets[1]] }], Routers = [] }, default);
        Assert.Equal([Sample.Inside], (await Driver.Observe(default)).DhcpNetworks);

        dual = Sample.Dual("slaac");
        await Driver.Apply(Sample.Whole(2) with { Networks = [dual with { Subnets = [dual.Subnets[1]] }], Routers = [] }, default);
        Assert.Empty((await Driver.Observe(default)).DhcpNetworks);
    }

    [SkippableFact]
    public async Task What_is_no_longer_wanted_goes()
    {
        await Driver.Apply(Sample.Whole(1), default);

        await Driver.Apply(Sample.Whole(2) with { Routers = [], Ports = [], Networks = [Sample.OutsideNetwork()] }, default);

        var observed = await Driver.Observe(default);
        Assert.Equal([Sample.Outside], observed.Networks);
        Assert.Empty(observed.DhcpNetworks);
        Assert.Empty(observed.Routers);
        Assert.Empty(observed.Taps);
    }

    [SkippableFact]
    public async Task An_older_generation_changes_nothing()
    {
        await Driver.Apply(Sample.Whole(2), default);

        await Driver.Apply(Sample.Whole(1) with { Networks = [], Ports = [], Routers = [] }, default);

        Assert.Contains(Sample.Inside, (await Driver.Observe(default)).Networks);
    }

    [SkippableFact]
    public async Task The_same_generation_again_is_no_error()
    {
        await Driver.Apply(Sample.Whole(1), default);
        await Driver.Apply(Sample.Whole(1), default);

        Assert.Contains(Sample.Router, (await Driver.Observe(default)).Routers);
    }

    [SkippableFact]
    public async Task A_bridge_made_for_a_guest_outlives_state_that_does_not_know_it_yet()
    {
        await Driver.EnsureBridge(Sample.Inside, 1450, default);

        await Driver.Apply(Sample.Whole(1) with { Networks = [], Ports = [], Routers = [] }, default);

        Assert.Contains(Sample.Inside, (await Driver.Observe(default)).Networks);
    }

    [SkippableFact]
    public async Task Many_at_once_leave_the_newest()
    {
        var router = Sample.GuestRouter();
        var last = Sample.Whole(20) with { Routers = [router], Ports = [] };
        var states = Enumerable.Range(1, 19).Select(i => Sample.Whole(i)).Append(last);

        await Task.WhenAll(states.Reverse().Select(state => Task.Run(() => Driver.Apply(state, default))));

        Assert.Empty((await Driver.Observe(default)).Taps);
    }

    [SkippableFact]
    public async Task Cleanup_leaves_nothing_and_a_new_start_is_possible()
    {
        await Driver.Apply(Sample.WholeDual(5), default);

        await Driver.Cleanup(default);

        var observed = await Driver.Observe(default);
        Assert.Empty(observed.Networks);
        Assert.Empty(observed.DhcpNetworks);
        Assert.Empty(observed.Routers);
        Assert.Empty(observed.Advertisers);
        Assert.Empty(observed.Taps);
        await Driver.Apply(Sample.Whole(1), default);
        Assert.Contains(Sample.Inside, (await Driver.Observe(default)).Networks);
    }
}
