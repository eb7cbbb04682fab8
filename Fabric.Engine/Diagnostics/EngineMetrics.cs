using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine;

/// <summary>
/// What a silo measures, under Orleans' own names where Orleans has them, and under <c>fabric.engine</c> where it has not. All instruments
/// bear the silo's name as a tag of their meter: several silos of one process are told apart. What is counted per turn or per message is
/// added up here and only read when somebody asks; where nobody listens, clocks are not read either.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>Orleans' own bounds for times of requests, in milliseconds.</summary>
    private static readonly InstrumentAdvice<double> Milliseconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.1, 0.25, 0.5, 0.75, 1, 2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1_000, 1_500, 2_000, 5_000, 10_000, 15_000, 30_000,
        ],
    };

    private readonly GrainTypes _types;
    private readonly ObservableCounter<long> _turns;
    private readonly Histogram<double> _requestLatency;
    private readonly Counter<long> _timedOut;
    private readonly Counter<long> _canceled;

    internal EngineMetrics(string silo, GrainTypes types, ClusterMembership membership)
    {
        _types = types;
        KeyValuePair<string, object?>[] tags = [new("silo", silo)];
        Orleans = new Meter(new MeterOptions("Microsoft.Orleans") { Tags = tags });
        Own = new Meter(new MeterOptions("Fabric.Engine") { Tags = tags });
        Storage = new StorageMetrics(Orleans, Milliseconds);
        _requestLatency = Orleans.CreateHistogram("orleans-app-requests-latency", "ms", null, null, Milliseconds);
        _timedOut = Orleans.CreateCounter<long>("orleans-app-requests-timedout");
        _canceled = Orleans.CreateCounter<long>("orleans-app-requests-canceled");
        Orleans.CreateObservableGauge("orleans-catalog-activations", () => Each(static figures => figures.Active));
        Orleans.CreateObservableUpDownCounter("orleans-grains", () => Each(static figures => figures.Active));
        Orleans.CreateObservableCounter("orleans-catalog-activation-created", () => Each(static figures => figures.Created));
        Orleans.CreateObservableCounter("orleans-catalog-activation-destroyed", () => Each(static figures => figures.Destroyed));
        Orleans.CreateObservableCounter("orleans-catalog-activation-failed-to-activate", () => Each(static figures => figures.Failed));
        Orleans.CreateObservableCounter("orleans-scheduler-long-running-turns",
            () => Each(static figures => figures.Turns.InBucket(TurnHistogram.Buckets - 1)));
        _turns = Own.CreateObservableCounter("fabric.engine.turn.duration.seconds.bucket", TurnBuckets, null,
            "Turns by the time they held their activation.");
        Own.CreateObservableCounter("fabric.engine.turn.duration.seconds.sum", TurnSeconds);
        Own.CreateObservableCounter("fabric.engine.turn.duration.seconds.count",
            () => Each(static figures => figures.Turns.UpTo(TurnHistogram.Buckets - 1)));
        Own.CreateObservableGauge("fabric.engine.requests.waiting", () => Each(static figures => figures.Waiting), null,
            "Requests in mailboxes that may not start yet.");
        Own.CreateObservableGauge("fabric.engine.membership.version", () => membership.Current.Version.Value, null,
            "The view of the cluster that this silo goes by.");
    }

    internal Meter Orleans { get; }

    internal Meter Own { get; }

    internal StorageMetrics Storage { get; }

    /// <summary>When a turn begins; 0 when nobody measures.</summary>
    internal long TurnBegins => _turns.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>When a request is sent; 0 when nobody measures.</summary>
    internal long RequestBegins => _requestLatency.Enabled ? Stopwatch.GetTimestamp() : 0;

    internal void RequestEnded(long began) => _requestLatency.Record(Stopwatch.GetElapsedTime(began).TotalMilliseconds);

    internal void RequestTimedOut(GrainRequest request) => _timedOut.Add(1, TypeOf(request));

    internal void RequestCanceled(GrainRequest request) => _canceled.Add(1, TypeOf(request));

    public void Dispose()
    {
        Orleans.Dispose();
        Own.Dispose();
    }

    private static KeyValuePair<string, object?> TypeOf(GrainRequest request) => new("grain_type", request.TargetId.Type.ToString());

    private IEnumerable<Measurement<long>> Each(Func<GrainFigures, long> value)
    {
        foreach (var figures in _types.Figures)
            yield return new Measurement<long>(value(figures), figures.Tag);
    }

    private IEnumerable<Measurement<double>> TurnSeconds()
    {
        foreach (var figures in _types.Figures)
            yield return new Measurement<double>(figures.Turns.Seconds, figures.Tag);
    }

    private IEnumerable<Measurement<long>> TurnBuckets()
    {
        foreach (var figures in _types.Figures)
        {
            for (var bucket = 0; bucket < TurnHistogram.Buckets; bucket++)
            {
                var bound = bucket < TurnHistogram.Bounds.Length
                    ? TurnHistogram.Bounds[bucket].ToString("0.######", CultureInfo.InvariantCulture)
                    : "+Inf";
                yield return new Measurement<long>(figures.Turns.UpTo(bucket), figures.Tag, new("le", bound));
            }
        }
    }
}
