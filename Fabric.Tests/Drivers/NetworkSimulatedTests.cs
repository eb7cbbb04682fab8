using Fabric.NodeAgent.Network;

namespace Fabric.Tests.Drivers;

public sealed class NetworkSimulatedTests : NetworkDriverContract
{
    private readonly SimulatedNetwork _network = new(TimeProvider.System);

    private protected override INetworkDriver Driver => _network;

    [Fact]
    public async Task A_failure_changes_nothing_and_the_next_try_works()
    {
        _network.FailNext();

        await Assert.ThrowsAsync<IOException>(() => _network.Apply(Sample.Whole(1), default));
        Assert.Empty((await _network.Observe(default)).Networks);

        await _network.Apply(Sample.Whole(1), default);
        Assert.Contains(Sample.Inside, (await _network.Observe(default)).Networks);
    }

    [Fact]
    public async Task A_storm_is_answered_by_few_applications()
    {
        _network.Delay = TimeSpan.FromMilliseconds(20);

        await Task.WhenAll(Enumerable.Range(1, 500).Select(i => _network.Apply(Sample.Whole(i), default)));

        Assert.InRange(_network.Applications, 1, 5);
    }
}
