using System.ComponentModel;
using System.Runtime.InteropServices;
using Fabric.NodeAgent.Network.Interop;
using Microsoft.Win32.SafeHandles;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// Work inside a named network namespace without starting a process. A namespace belongs to a thread, so the work runs on a thread made
/// for it. What it makes keeps its namespace: a socket created there may be used by any thread afterwards. The work must be plain system
/// calls: a thread that the runtime starts on its behalf (of the thread pool, of a timer) would inherit the namespace for good, and the
/// process would later call others from the wrong network. For that reason the thread also moves back before it hands over the result.
/// </summary>
internal static class NetworkNamespace
{
    internal const string Directory = "/run/netns";

    internal static string PathOf(string name) => Path.Combine(Directory, name);

    internal static bool Exists(string name) => File.Exists(PathOf(name));

    /// <summary>The names of all namespaces on the machine.</summary>
    internal static IReadOnlySet<string> Names() => System.IO.Directory.Exists(Directory)
        ? System.IO.Directory.EnumerateFiles(Directory).Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal)
        : new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Runs the work in the namespace; with null, in the process's own.</summary>
    internal static Task<T> Run<T>(string? name, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => RunOn(name, work, done), maxStackSize: 256 * 1024) { IsBackground = true, Name = "netns " + name };
        thread.Start();
        return done.Task;
    }

    /// <summary>Writes a setting below <c>/proc/sys/net</c> of the namespace, unless it has that value.</summary>
    internal static Task<bool> SetSysctls(string? name, IReadOnlyList<(string Key, string Value)> settings) => Run(name, () =>
    {
        foreach (var (key, value) in settings)
        {
            var path = "/proc/sys/net/" + key;
            if (File.Exists(path) && File.ReadAllText(path).Trim() != value)
                File.WriteAllText(path, value);
        }

        return true;
    });

    /// <summary>The kernel's name of a namespace (<c>net:[4026532001]</c>), by which a process shows where it runs.</summary>
    internal static Task<string> Identity(string? name) => Run(name, () => new FileInfo("/proc/thread-self/ns/net").LinkTarget ?? "");

    private static void RunOn<T>(string? name, Func<T> work, TaskCompletionSource<T> done)
    {
        T result;
        try
        {
            using var home = Open("/proc/thread-self/ns/net");
            if (name is not null)
                Enter(PathOf(name));

            try
            {
                result = work();
            }
            finally
            {
                if (name is not null && Libc.SetNs(home, Libc.CloneNewNet) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError(), "Cannot return to the process's own network namespace.");
            }
        }
        catch (Exception failure)
        {
            // Not swallowed: it is the caller's.
            done.SetException(failure);
            return;
        }

        done.SetResult(result);
    }

    private static void Enter(string path)
    {
        using var ns = Open(path);
        if (Libc.SetNs(ns, Libc.CloneNewNet) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot enter the network namespace {path}.");
    }

    // Any other sharing mode would lock the file, which the kernel's namespace files do not know.
    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
