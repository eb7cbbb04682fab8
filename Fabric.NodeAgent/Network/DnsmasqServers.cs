using System.Globalization;
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
internal sealed partial class DnsmasqServers(string directory, HostCommands commands, ILogger logger)
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly Dictionary<NetworkId, (DnsmasqFiles Files, int Pid, string ConfPath)> _running = [];

    /// <summary>The networks of which there are files here, now or before the agent started.</summary>
    internal IReadOnlyList<NetworkId> Known() => Directory.Exists(directory)
        ? [.. Directory.EnumerateDirectories(directory).Select(Path.GetFileName)
            .Select(name => NetworkId.TryParse(name, out var id) ? id : default).Where(id => id != default)]
        : [];

    /// <summary>Ends all servers of ours, also those whose files somebody removed.</summary>
    internal async Task StopAll(CancellationToken ct)
    {
        foreach (var network in Known())
            await Stop(network, ct);

        await EndProcesses(directory, ct);
    }

    internal bool IsRunning(NetworkId network) => RunningPid(Home(network)) is not null;

    /// <summary>A server with exactly this configuration, in the network's namespace, which must be complete.</summary>
    /// <param name="network">The network to serve.</param>
    /// <param name="trust">False: look at the process again although it was seen before.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task Ensure(DesiredNetwork network, bool trust, CancellationToken ct)
    {
        var home = Home(network.Id);
        var files = DnsmasqConfig.Render(network, home);
        if (trust && _running.TryGetValue(network.Id, out var known) && known.Files == files
            && CommandLine(known.Pid).Contains(known.ConfPath))
            return;

        Directory.CreateDirectory(home);
        var confPath = Path.Combine(home, $"dnsmasq-{Hash(files.Conf)}.conf");
        var moved = NoteMovedAddresses(home, files.Hosts);
        var changed = Write(Path.Combine(home, "hosts"), files.Hosts)
            | Write(Path.Combine(home, "options"), files.Options)
            | Write(Path.Combine(home, "names"), files.Names);

        var ns = DeviceNames.DhcpNamespace(network.Id);
        var pid = RunningPid(home);
        if (pid is { } running && CommandLine(running).Contains(confPath) && !moved && await IsInside(running, ns))
        {
            if (changed && Libc.Kill(running, Libc.SignalHangup) == 0)
                LogReread(network.Id, running);
        }
        else
        {
            await EndProcesses(home, ct);
            Write(confPath, files.Conf);
            foreach (var old in Directory.EnumerateFiles(home, "dnsmasq-*.conf").Where(path => path != confPath))
                File.Delete(old);

            File.Delete(Stale(home));
            await commands.Tool(ns, ["dnsmasq", "--conf-file=" + confPath], "", ct);
            pid = RunningPid(home) ?? throw new HostProgramException($"dnsmasq of network {network.Id} ended at once.");
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

        await EndProcesses(home, ct);
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
        var before = Owners(Read(Path.Combine(home, "hosts")));
        var after = Owners(hosts);
        var stale = Owners(Read(Stale(home)));
        var lost = before.Where(owner => after.GetValueOrDefault(owner.Key) != owner.Value).ToList();
        foreach (var (ip, mac) in lost)
            stale.TryAdd(ip, mac);

        if (lost.Count > 0)
            Write(Stale(home), string.Concat(stale.Select(owner => $"{owner.Value},-,{owner.Key}\n")));

        return stale.Any(owner => after.TryGetValue(owner.Key, out var mac) && mac != owner.Value);
    }

    private static string Stale(string home) => Path.Combine(home, "stale");

    private static Dictionary<string, string> Owners(string hosts)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in hosts.Split('\n'))
            if (line.Split(',') is [var mac, _, var ip])
                owners[ip] = mac;

        return owners;
    }

    /// <summary>Ends whatever dnsmasq was started with a configuration below the directory, whether or not its pid file is still
    /// there.</summary>
    private static async Task EndProcesses(string below, CancellationToken ct)
    {
        var pids = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsBelow(pid, below))
            .ToList();
        foreach (var pid in pids)
            _ = Libc.Kill(pid, Libc.SignalTerminate);

        using var limit = new CancellationTokenSource(StopLimit);
        while (pids.Exists(pid => IsBelow(pid, below)))
        {
            if (limit.IsCancellationRequested)
                foreach (var pid in pids.Where(pid => IsBelow(pid, below)))
                    _ = Libc.Kill(pid, Libc.SignalKill);

            await Task.Delay(10, ct);
        }
    }

    private static bool IsBelow(int pid, string below) => CommandLine(pid).Contains($"--conf-file={below}/", StringComparison.Ordinal);

    /// <summary>The process of the pid file, if it still is a dnsmasq of this directory.</summary>
    private static int? RunningPid(string home) =>
        int.TryParse(Read(Path.Combine(home, "pid")).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && IsBelow(pid, home)
            ? pid
            : null;

    // Empty for a process that is gone, also one that nobody has waited for yet.
    private static string CommandLine(int pid) => Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));

    private static async Task<bool> IsInside(int pid, string ns) =>
        NetworkNamespace.Exists(ns)
        && new FileInfo(FormattableString.Invariant($"/proc/{pid}/ns/net")).LinkTarget == await NetworkNamespace.Identity(ns);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
        catch (IOException) when (path.StartsWith("/proc/", StringComparison.Ordinal))
        {
            // The process ended between open and read (ESRCH).
            return "";
        }
    }

    /// <summary>Replaces a file in one act; false when it had this content.</summary>
    private static bool Write(string path, string text)
    {
        if (File.Exists(path) && Read(path) == text)
            return false;

        var fresh = path + ".new";
        File.WriteAllText(fresh, text);
        File.Move(fresh, path, overwrite: true);
        return true;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    [LoggerMessage(Level = LogLevel.Information, Message = "DHCP server of network {Network} started as process {Pid}.")]
    private partial void LogStarted(NetworkId network, int pid);

    [LoggerMessage(Level = LogLevel.Debug, Message = "DHCP server of network {Network} (process {Pid}) re-reads its hosts and options.")]
    private partial void LogReread(NetworkId network, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "DHCP server of network {Network} stopped.")]
    private partial void LogStopped(NetworkId network);
}
