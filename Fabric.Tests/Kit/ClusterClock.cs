using System.Globalization;

namespace Fabric.Tests.Kit;

/// <summary>
/// The wall clock of one process, to be set while it runs, by libfaketime: what it reads as the time of day is shifted, what it measures
/// time by is not, as on a machine whose clock somebody sets.
/// </summary>
internal sealed class ClusterClock
{
    private readonly string file;

    private ClusterClock(string file) => this.file = file;

    /// <summary>Null when this machine can shift clocks, or what it lacks.</summary>
    internal static string? Lacks => Machine.MustHave(Library is null ? "libfaketime" : null);

    private static string? Library { get; } = Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu")
            .Select(static folder => Path.Combine(folder, "faketime", "libfaketime.so.1")).FirstOrDefault(File.Exists)
        : null;

    /// <summary>What the process must find in its environment.</summary>
    internal IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library!,
        ["FAKETIME_TIMESTAMP_FILE"] = file,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        // Else waits by the monotonic clock end at once, and threads spin.
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
    };

    /// <summary>A clock that is right; the file says what it is off by.</summary>
    internal static ClusterClock Make(string file)
    {
        var clock = new ClusterClock(file);
        clock.Set(TimeSpan.Zero);
        return clock;
    }

    /// <summary>libfaketime leaves shared memory of each process that was killed.</summary>
    internal static void CleanUpAfter(int pid)
    {
        foreach (var name in (string[])["faketime_shm_", "sem.faketime_sem_"])
            File.Delete(string.Create(CultureInfo.InvariantCulture, $"/dev/shm/{name}{pid}"));
    }

    /// <summary>From a second later on the process's clock is off by so much.</summary>
    internal void Set(TimeSpan ahead)
    {
        // In one act: it may be read at any moment.
        File.WriteAllText($"{file}.new", string.Create(CultureInfo.InvariantCulture, $"{ahead.TotalSeconds:+0;-0;+0}\n"));
        File.Move($"{file}.new", file, overwrite: true);
    }
}
