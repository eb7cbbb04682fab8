using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fabric.Grains.Sagas;

/// <summary>What is seen of sagas from outside: a span per step, and counts.</summary>
internal static class SagaMetrics
{
    private static readonly ActivitySource Source = new("Fabric.Sagas");
    private static readonly Meter Meter = new("Fabric");

    private static readonly Counter<long> Finishes = Meter.CreateCounter<long>(
        "fabric.sagas.finished", "{saga}", "Sagas that came to an end, by how.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "fabric.sagas.duration", "s", "From a saga's start to its end.");

    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>(
        "fabric.sagas.step.duration", "s", "One step or undo, its retries included.");

    /// <summary>The span of one step: a child of the request that started the saga.</summary>
    public static Activity? Begin(string saga, string step, bool undo, ISagaLog log)
    {
        var span = Source.StartActivity(undo ? $"{saga} undo {step}" : $"{saga} {step}", ActivityKind.Internal, log.Entry.TraceParent);
        return span?.SetTag("saga.id", log.Id);
    }

    public static void Stepped(string saga, string step, bool undo, TimeSpan took) =>
        StepDuration.Record(took.TotalSeconds, new("saga", saga), new("step", step), new KeyValuePair<string, object?>("undo", undo));

    public static void Finished(string saga, SagaStatus status, DateTimeOffset startedAt, TimeProvider time)
    {
        Finishes.Add(1, new("saga", saga), new KeyValuePair<string, object?>("status", status.ToString()));
        Duration.Record((time.GetUtcNow() - startedAt).TotalSeconds, new KeyValuePair<string, object?>("saga", saga));
    }
}
