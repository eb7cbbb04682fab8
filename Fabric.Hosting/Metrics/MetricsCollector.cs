using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Fabric.Hosting.Metrics;

/// <summary>Adds up what meters measure, for <c>/metrics</c>. Bounded: a tag with too many values costs its own further series, not the
/// process.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> families = new();

    /// <summary>Listens to the meters that are named; a name may end with <c>*</c>.</summary>
    public MetricsCollector(params IReadOnlyList<string> meters)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (meters.Any(name => Matches(name, instrument.Meter.Name)))
                self.EnableMeasurementEvents(instrument, families.GetOrAdd(instrument, static one => new(one)));
        };
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        listener.Start();
    }

    /// <summary>All series, as Prometheus reads them.</summary>
    public string Render()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder(16 * 1024);
        // Two instruments may bear one name (one meter in each of two silos): their series stand under one heading.
        var byName = families.Values.Where(static one => one.Series.Any()).GroupBy(static one => one.Name, StringComparer.Ordinal);
        foreach (var family in byName.OrderBy(static one => one.Key, StringComparer.Ordinal))
            PrometheusText.Append(text, family.Key, [.. family]);
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private static bool Matches(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;
}
