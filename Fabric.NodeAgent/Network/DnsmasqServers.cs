using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network.Interop;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// The dnsmasq processes, one per network, in the networks' DHCP namespaces. They outlive the agent: a running one is recognised by its pid
/// file, by its command line, in which the configuration's hash stands, and by its namespace. Changed hosts and options are re-read on
/// SIGHUP; only what dnsmasq cannot re-read costs a new process.
/// </summary>
internal sealed partial class DnsmasqServers(string directory, string? host, HostCommands commands, ILogger logger)
{
    private readonly Dictionary<NetworkId, (DnsmasqFiles Files, int Pid, string ConfPath)> _running = [];

    /// <summary>The networks of which there are files here, now or before the agent started.</summary>
    internal IReadOnlyList<NetworkId> Known() =>
        [.. HostDaemons.Names(directory).Select(name => NetworkId.TryParse(name, out var id) ? id : default).Where(id => id != default)];

    /// <summary>Ends all servers of ours, also those whose files somebody removed.</summary>
    internal async Task StopAll(CancellationToken ct)
    {
        foreach (var network in Known())
            await Stop(network, ct);

        await HostDaemons.EndProcesses(directory, ct);
    }

    internal bool IsRunning(NetworkId network) => HostDaemons.RunningPid(Home(network)) is not null;

    /// <summary>A server with exactly this configuration, in the network's namespace, which must be complete.</summary>
    /// <param name="network">The network to serve.</param>
    /// <param name="trust">False: look at the process again although it was seen before.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task Ensure(DesiredNetwork network, bool trust, CancellationToken ct)
    {
        var home = Home(network.Id);
        var files = DnsmasqConfig.Render(network, home);
        if (trust && _running.TryGetValue(network.Id, out var known) && known.Files == files
            && HostDaemons.Has(known.Pid, known.ConfPath))
            return;

        Directory.CreateDirectory(home);
        var confPath = Path.Combine(home, $"dnsmasq-{Hash(files.Conf)}.conf");
        var moved = NoteMovedAddresses(home, files.Hosts);
        var changed = HostDaemons.Write(Path.Combine(home, "hosts"), files.Hosts)
            | HostDaemons.Write(Path.Combine(home, "options"), files.Options)
            | HostDaemons.Write(Path.Combine(home, "names"), files.Names);

        var ns = DeviceNames.DhcpNamespace(network.Id, host);
        var pid = HostDaemons.RunningPid(home);
        if (pid is { } running && HostDaemons.Has(running, confPath) && !moved && await HostDaemons.IsInside(running, ns))
        {
            if (changed && Libc.Kill(running, Libc.SignalHangup) == 0)
                LogReread(network.Id, running);
        }
        else
        {
            await HostDaemons.EndProcesses(home, ct);
            HostDaemons.Write(confPath, files.Conf);
            foreach (var old in Directory.EnumerateFiles(home, "dnsmasq-*.conf").Where(path => path != confPath))
                File.Delete(old);

            File.Delete(Stale(home));
            await commands.Tool(ns, ["dnsmasq", "--conf-file=" + confPath], "", ct);
            pid = HostDaemons.RunningPid(home) ?? throw new HostProgramException($"dnsmasq of network {network.Id} ended at once.");
            LogStarted(network.Id, pid.Value);
        }

        _running[network.Id] = (files, pid!.Value, confPath);
    }

    /// <summary>No server for the network, and none of its files.</summary>
    internal async Task Stop(NetworkId network, CancellationToken ct)
    {
        var home = Home(network);
        _running.Remove(network);
        if (!Directory.Exists(home))
            return;

        await HostDaemons.EndProcesses(home, ct);
        Directory.Delete(home, recursive: true);
        LogStopped(network);
    }

    private string Home(NetworkId network) => Path.Combine(directory, network.Text);

    /// <summary>
    /// A running dnsmasq refuses to give an address to a new owner while the old one's lease lasts, and it cannot be told that the lease is
    /// void. So addresses that lost their owner are noted, and when one of them gets another, a new process starts, which knows no leases.
    /// </summary>
    private static bool NoteMovedAddresses(string home, string hosts)
    {
        var before = Owners(HostDaemons.Read(Path.Combine(home, "hosts")));
        var after = Owners(hosts);
        var stale = Owners(HostDaemons.Read(Stale(home)));
        var lost = before.Where(owner => after.GetValueOrDefault(owner.Key) != owner.Value).ToList();
        foreach (var (ip, mac) in lost)
            stale.TryAdd(ip, mac);

        if (lost.Count > 0)
            HostDaemons.Write(Stale(home), string.Concat(stale.Select(owner => $"{owner.Value},-,{owner.Key}\n")));

        return stale.Any(owner => after.TryGetValue(owner.Key, out var mac) && mac != owner.Value);
    }

    private static string Stale(string home) => Path.Combine(home, "stale");

    private static Dictionary<string, string> Owners(string hosts)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in hosts.Split('\n'))
            if (line.Split(',') is [var mac, _, .. var rest])
                foreach (var ip in rest.Where(word => Cidr.Address(word.Trim('[', ']')) is not null))
                    owners[ip] = mac;

        return owners;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    [LoggerMessage(Level = LogLevel.Information, Message = "DHCP server of network {Network} started as process {Pid}.")]
    private partial void LogStarted(NetworkId network, int pid);

    [LoggerMessage(Level = LogLevel.Debug, Message = "DHCP server of network {Network} (process {Pid}) re-reads its hosts and options.")]
    private partial void LogReread(NetworkId network, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "DHCP server of network {Network} stopped.")]
    private partial void LogStopped(NetworkId network);
}
