using System.Collections.Immutable;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>The Linux driver's twin in memory, for nodes that have no host: the same contract, nothing but bookkeeping.</summary>
public sealed class SimulatedNetwork(TimeProvider time) : INetworkDriver
{
    private readonly ApplyQueue _queue = new();
    private DesiredNetworking _host = new() { Generation = -1 };
    private ImmutableHashSet<NetworkId> _ensured = [];
    private int _failNext;
    private int _applications;

    /// <summary>How long each application takes.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How many times the host was worked on; fewer than the calls when calls were answered together.</summary>
    public int Applications => _applications;

    /// <summary>Lets the next applications fail, before anything is changed.</summary>
    public void FailNext(int times = 1) => Interlocked.Add(ref _failNext, times);

    /// <inheritdoc/>
    public Task Apply(DesiredNetworking networking, CancellationToken ct) => _queue.Apply(networking, ApplyNow, ct);

    /// <inheritdoc/>
    public Task<string> EnsureBridge(NetworkId network, int mtu, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ImmutableInterlocked.Update(ref _ensured, set => set.Add(network));
        return Task.FromResult(DeviceNames.Bridge(network));
    }

    /// <inheritdoc/>
    public Task<ObservedNetworking> Observe(CancellationToken ct)
    {
        var host = _host;
        return Task.FromResult(new ObservedNetworking
        {
            Networks = host.Networks.Select(network => network.Id).Concat(_ensured).ToHashSet(),
            DhcpNetworks = host.Networks.Where(HostLayout.ServesDhcp).Select(network => network.Id).ToHashSet(),
            Routers = host.Routers.Where(HostLayout.IsRealised).Select(router => router.Id).ToHashSet(),
            Advertisers = HostLayout.AdvertisersOf(host).Select(target => target.Router).ToHashSet(),
            Taps = host.Ports.Select(port => DeviceNames.Tap(port.Id)).ToHashSet(),
        });
    }

    /// <inheritdoc/>
    public Task Cleanup(CancellationToken ct) => _queue.Exclusively(
        () =>
        {
            _queue.Forget();
            _host = new() { Generation = -1 };
            _ensured = [];
            return Task.FromResult(true);
        },
        ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _queue.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ApplyNow(DesiredNetworking networking, CancellationToken ct)
    {
        Interlocked.Increment(ref _applications);
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, time, ct);

        if (Interlocked.Decrement(ref _failNext) >= 0)
            throw new IOException("The simulated network was told to fail.");

        Interlocked.Increment(ref _failNext);
        _host = networking;
        foreach (var network in networking.Networks)
            ImmutableInterlocked.Update(ref _ensured, set => set.Remove(network.Id));
    }
}
