using System.Globalization;
using Fabric.NodeAgent.Network;

namespace Fabric.Tests.Real;

/// <summary>Several hosts, each a <see cref="NetworkLab"/>, on one underlay: a bridge in a namespace of its own, <c>10.99.0.0/24</c>, in
/// which host N has the address N. Dead hosts are cut off from it.</summary>
internal sealed class OverlayLab : IAsyncDisposable
{
    private readonly List<NetworkLab> _hosts = [];
    private readonly List<LinuxNetwork> _drivers = [];
    private NetworkLab? _underlay;

    private OverlayLab()
    {
    }

    /// <summary>Where the wires of all hosts meet; itself on the underlay, with the address 254, but no host.</summary>
    internal string Underlay => _underlay!.Host;

    internal static async Task<OverlayLab> Start(int hosts)
    {
        var lab = new OverlayLab { _underlay = await NetworkLab.Start() };
        await NetworkLab.Ip(lab.Underlay, "link add under type bridge", "link set under up", "addr add 10.99.0.254/24 dev under");
        for (var number = 1; number <= hosts; number++)
            await lab.AddHost();

        return lab;
    }

    internal static string Address(int host) => string.Create(CultureInfo.InvariantCulture, $"10.99.0.{host}");

    internal NetworkLab Host(int number) => _hosts[number - 1];

    internal LinuxNetwork Driver(int number) => _drivers[number - 1];

    /// <summary>One host more; returns its number.</summary>
    internal async Task<int> AddHost()
    {
        var host = await NetworkLab.Start();
        _hosts.Add(host);
        var number = _hosts.Count;
        host.TunnelAddress = Address(number);
        await NetworkLab.Ip(
            Underlay,
            $"link add h{number} type veth peer name eth0 netns {host.Host}",
            $"link set h{number} master under up");
        await NetworkLab.Ip(host.Host, $"addr add {Address(number)}/24 dev eth0", "link set eth0 up");
        _drivers.Add(host.Driver());
        return number;
    }

    /// <summary>A host that does not answer any more.</summary>
    internal Task Kill(int number) => NetworkLab.Ip(Underlay, $"link set h{number} down");

    /// <summary>The entries of the tunnels of a host.</summary>
    internal async Task<IReadOnlyList<ForwardingEntry>> Entries(int host) =>
        ForwardingEntry.Parse(await NetworkLab.Run(Host(host).Host, ForwardingEntry.Command));

    public async ValueTask DisposeAsync()
    {
        foreach (var driver in _drivers)
            await driver.DisposeAsync();

        foreach (var host in _hosts)
            await host.DisposeAsync();

        if (_underlay is not null)
            await _underlay.DisposeAsync();
    }
}
