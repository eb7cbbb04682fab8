using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Fabric.NodeAgent.Network.Interop;

namespace Fabric.NodeAgent.Network;

/// <summary>Processes that outlive the agent, each with a directory of its own. They are known by the configuration file in that directory
/// that stands in their command line, whether or not their pid file is still there, and by their namespace.</summary>
internal static class HostDaemons
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    /// <summary>The process of a directory's pid file, if it still is one of this directory.</summary>
    internal static int? RunningPid(string home) =>
        int.TryParse(Read(Path.Combine(home, "pid")).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && IsBelow(pid, home)
            ? pid
            : null;

    /// <summary>Whether a process was started with this configuration file.</summary>
    internal static bool Has(int pid, string confPath) => CommandLine(pid).Contains(confPath, StringComparison.Ordinal);

    /// <summary>Whether a process lives in a namespace.</summary>
    internal static async Task<bool> IsInside(int pid, string ns) =>
        NetworkNamespace.Exists(ns)
        && new FileInfo(FormattableString.Invariant($"/proc/{pid}/ns/net")).LinkTarget == await NetworkNamespace.Identity(ns);

    /// <summary>Ends whatever was started with a configuration below the directory.</summary>
    internal static async Task EndProcesses(string below, CancellationToken ct)
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

    /// <summary>The names of the directories below one, which are ids of what the daemons serve.</summary>
    internal static IEnumerable<string> Names(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)) : [];

    /// <summary>A file's text; empty when there is none.</summary>
    internal static string Read(string path)
    {
        using var handle = Libc.Open(path, Libc.OpenReadOnlyCloseOnExec);
        if (handle.IsInvalid)
            return Marshal.GetLastPInvokeError() is Libc.NoSuchEntry or Libc.NoSuchProcess
                ? ""
                : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot read {path}.");

        try
        {
            using var reader = new StreamReader(new FileStream(handle, FileAccess.Read));
            return reader.ReadToEnd();
        }
        catch (IOException) when (path.StartsWith("/proc/", StringComparison.Ordinal))
        {
            // The process ended between open and read (ESRCH).
            return "";
        }
    }

    /// <summary>Replaces a file in one act; false when it had this content.</summary>
    internal static bool Write(string path, string text)
    {
        if (File.Exists(path) && Read(path) == text)
            return false;

        var fresh = path + ".new";
        File.WriteAllText(fresh, text);
        File.Move(fresh, path, overwrite: true);
        return true;
    }

    private static bool IsBelow(int pid, string below) => Has(pid, below + "/");

    // Empty for a process that is gone, also one that nobody has waited for yet.
    private static string CommandLine(int pid) => Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));
}
