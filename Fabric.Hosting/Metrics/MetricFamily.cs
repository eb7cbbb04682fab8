using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Fabric.Hosting.Metrics;

/// <summary>How Prometheus calls what an instrument measures.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One instrument with a series for each combination of tags that was seen.</summary>
internal sealed class MetricFamily
{
    /// <summary>More than this is a tag that should not be one: an id, an address.</summary>
    private const int MaxSeries = 2_000;

    /// <summary>OpenTelemetry's default for durations in seconds.</summary>
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<string, MetricSeries> series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MetricSeries>.AlternateLookup<ReadOnlySpan<char>> byLabels;
    private readonly bool observed;
    private readonly KeyValuePair<string, object?>[] meterTags;

    public MetricFamily(Instrument instrument)
    {
        byLabels = series.GetAlternateLookup<ReadOnlySpan<char>>();
        observed = instrument.IsObservable;
        meterTags = [.. instrument.Meter.Tags ?? []];
        var type = instrument.GetType().GetGenericTypeDefinition();
        Kind = type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
        IsLastValue = observed || type == typeof(Gauge<>);
        Bounds = Kind == MetricKind.Histogram ? Advice(instrument) ?? DefaultBounds : [];
        Name = PrometheusText.Name(instrument.Name, instrument.Unit, Kind);
        Help = instrument.Description ?? "";
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Upper bounds of a histogram's buckets, the last one (everything) left out.</summary>
    public IReadOnlyList<double> Bounds { get; }

    /// <summary>Labels as they are written, and what was measured under them.</summary>
    public IEnumerable<KeyValuePair<string, MetricSeries>> Series => series;

    private bool IsLastValue { get; }

    /// <summary>Takes one measurement in.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new LabelText(stackalloc char[512]);
        labels.Append(meterTags);
        labels.Append(tags);
        if (!byLabels.TryGetValue(labels.Text, out var one))
        {
            if (series.Count >= MaxSeries)
                return;
            one = series.GetOrAdd(labels.Text.ToString(), static (_, bounds) => new(bounds), Bounds);
        }

        if (IsLastValue)
            one.Set(value);
        else
            one.Add(value);
    }

    private static IReadOnlyList<double>? Advice(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => bounds,
        Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Select(static bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Select(static bound => (double)bound)],
        _ => null,
    };
}

/// <summary>What was measured under one combination of tags.</summary>
internal sealed class MetricSeries(IReadOnlyList<double> bounds)
{
    private readonly Lock gate = new();
    private readonly long[] buckets = bounds.Count > 0 ? new long[bounds.Count + 1] : [];
    private double sum;
    private long count;

    /// <summary>The sum, or the last value; for a histogram also how many measurements and how many in each bucket.</summary>
    public (double Sum, long Count, long[] Buckets) Read()
    {
        lock (gate)
            return (sum, count, [.. buckets]);
    }

    public void Set(double value)
    {
        lock (gate)
            sum = value;
    }

    public void Add(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        lock (gate)
        {
            sum += value;
            count++;
            if (buckets.Length > 0)
                buckets[bucket]++;
        }
    }
}
