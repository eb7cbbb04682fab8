using System.Diagnostics;
using System.Globalization;

namespace Fabric.Tests.Bench;

/// <summary>Orleans at its best: calls in a second, and the processor time of one in µs where it was measured.</summary>
internal readonly record struct Best(double Rate, double? Micros = null);

/// <summary>
/// Measures scenarios one after the other and says, where there is a figure of Orleans', how many times as good Fabric is. The processor
/// time of a call is what holds on a machine that does other things too; rates are told for their order of magnitude.
/// </summary>
internal sealed class Meter(TextWriter output)
{
    // Orleans 10.4 with AdoNet clustering and storage, on a machine of this kind: the best of its runs.
    private static readonly Dictionary<string, Best> Orleans = new()
    {
        ["grain to grain, 100 concurrent"] = new(435_000, 4.1),
        ["client to 100 grains, 100 callers"] = new(195_000, 3.6),
        ["client to 100 grains, 100 B record"] = new(180_000, 7),
        ["client, one caller"] = new(230_000, 4),
        ["client, 100 callers on one grain"] = new(360_000, 3.5),
        ["new activations, 100 concurrent"] = new(35_000, 46),
        ["to another process, 100 callers"] = new(81_000, 12.8),
        ["to another process, 100 B record"] = new(48_000, 19),
        ["to another process, one caller"] = new(9_000),
        ["new activations over two processes"] = new(12_000, 77),
        ["durable writes on PostgreSQL, 100 grains"] = new(2_100),
        ["durable writes on PostgreSQL, 8 grains"] = new(800),
        ["durable writes on PostgreSQL, one grain"] = new(250),
    };

    /// <summary>Another process that takes part, whose processor time counts too.</summary>
    internal Process? Other { get; set; }

    /// <summary>Runs it, and writes a line.</summary>
    internal async Task Measure(string what, int calls, Func<Task> work)
    {
        GC.Collect();
        var (allocated, processor, clock) = (GC.GetTotalAllocatedBytes(), Processor(), Stopwatch.StartNew());
        await work();
        clock.Stop();
        var micros = (Processor() - processor).TotalMicroseconds / calls;
        var rate = calls / clock.Elapsed.TotalSeconds;
        var bytes = (GC.GetTotalAllocatedBytes() - allocated) / calls;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{what,-49} {rate,10:N0}/s {micros,7:0.00} us CPU {bytes,6} B{Against(what, rate, micros)}"));
    }

    private static string Against(string what, double rate, double micros)
    {
        if (!Orleans.TryGetValue(what, out var best))
            return "";
        var cpu = best.Micros is { } theirs ? string.Create(CultureInfo.InvariantCulture, $", 1/{theirs / micros:0.0} of its CPU") : "";
        return string.Create(CultureInfo.InvariantCulture, $"   {rate / best.Rate:0.0} x Orleans{cpu}");
    }

    private TimeSpan Processor()
    {
        Other?.Refresh();
        return Environment.CpuUsage.TotalTime + (Other?.TotalProcessorTime ?? TimeSpan.Zero);
    }
}
