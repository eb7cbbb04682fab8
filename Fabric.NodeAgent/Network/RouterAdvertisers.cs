using Fabric.Grains.Kernel;
using Fabric.NodeAgent.Network.Interop;

namespace Fabric.NodeAgent.Network;

/// <summary>What one router advertises, as radvd's configuration.</summary>
internal sealed record AdvertiserTarget(RouterId Router, string Config);

/// <summary>
/// The radvd processes, one per router with an IPv6 subnet, in the routers' namespaces. They outlive the agent and are found again as the
/// DHCP servers are, see <see cref="HostDaemons"/>. A changed configuration is re-read on SIGHUP, so neighbours see no router leave.
/// </summary>
internal sealed partial class RouterAdvertisers(string directory, string? host, HostCommands commands, ILogger logger)
{
    private readonly Dictionary<RouterId, (AdvertiserTarget Target, int Pid)> _running = [];

    /// <summary>The routers of which there are files here, now or before the agent started.</summary>
    internal IReadOnlyList<RouterId> Known() =>
        [.. HostDaemons.Names(directory).Select(name => RouterId.TryParse(name, out var id) ? id : default).Where(id => id != default)];

    internal bool IsRunning(RouterId router) => HostDaemons.RunningPid(Home(router)) is not null;

    /// <summary>Ends all of ours, also those whose files somebody removed.</summary>
    internal async Task StopAll(CancellationToken ct)
    {
        foreach (var router in Known())
            await Stop(router, ct);

        await HostDaemons.EndProcesses(directory, ct);
    }

    /// <summary>A process with exactly this configuration, in the router's namespace, which must be complete.</summary>
    /// <param name="target">What to advertise.</param>
    /// <param name="trust">False: look at the process again although it was seen before.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task Ensure(AdvertiserTarget target, bool trust, CancellationToken ct)
    {
        var home = Home(target.Router);
        var conf = Path.Combine(home, "radvd.conf");
        if (trust && _running.TryGetValue(target.Router, out var known) && known.Target == target && HostDaemons.Has(known.Pid, conf))
            return;

        Directory.CreateDirectory(home);
        var changed = HostDaemons.Write(conf, target.Config);

        // radvd refuses a file that others might have written.
        File.SetUnixFileMode(conf, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var ns = DeviceNames.RouterNamespace(target.Router, host);
        var pid = HostDaemons.RunningPid(home);
        if (pid is { } running && await HostDaemons.IsInside(running, ns))
        {
            if (changed && Libc.Kill(running, Libc.SignalHangup) == 0)
                LogReread(target.Router, running);
        }
        else
        {
            await HostDaemons.EndProcesses(home, ct);

            // Another log method would keep standard error open, and so the command that starts it waiting.
            await commands.Tool(ns, ["radvd", "-C", conf, "-p", Path.Combine(home, "pid"), "-m", "syslog"], "", ct);
            pid = HostDaemons.RunningPid(home)
                ?? throw new HostProgramException($"radvd of router {target.Router} ended at once.");
            LogStarted(target.Router, pid.Value);
        }

        _running[target.Router] = (target, pid!.Value);
    }

    /// <summary>No process for the router, and none of its files.</summary>
    internal async Task Stop(RouterId router, CancellationToken ct)
    {
        var home = Home(router);
        _running.Remove(router);
        if (!Directory.Exists(home))
            return;

        await HostDaemons.EndProcesses(home, ct);
        Directory.Delete(home, recursive: true);
        LogStopped(router);
    }

    private string Home(RouterId router) => Path.Combine(directory, router.Text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Router {Router} advertises itself by process {Pid}.")]
    private partial void LogStarted(RouterId router, int pid);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The advertiser of router {Router} (process {Pid}) re-reads its configuration.")]
    private partial void LogReread(RouterId router, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Router {Router} advertises itself no longer.")]
    private partial void LogStopped(RouterId router);
}
