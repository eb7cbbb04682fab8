using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fabric.NodeAgent.Agent;

/// <summary>A span and two measurements for every verb that a driver is asked for.</summary>
internal static class AgentTelemetry
{
    /// <summary>The name to listen to for the spans.</summary>
    public const string SourceName = "Fabric.NodeAgent";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new("Fabric");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "fabric.node.verb.duration", "s", "How long a verb of a node's driver took, by verb and outcome.");

    /// <summary>Runs a verb in a span of its own.</summary>
    public static async Task<T> Verb<T>(string verb, string nodeName, string? subject, Func<Task<T>> run)
    {
        using var activity = Source.StartActivity(verb);
        activity?.SetTag("fabric.node", nodeName);
        activity?.SetTag("fabric.subject", subject);
        var begun = Stopwatch.GetTimestamp();
        var outcome = "failed";
        try
        {
            var result = await run();
            outcome = "done";
            return result;
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
            activity?.AddException(failure);
            throw;
        }
        finally
        {
            Duration.Record(
                Stopwatch.GetElapsedTime(begun).TotalSeconds,
                new KeyValuePair<string, object?>("verb", verb),
                new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>Runs a verb in a span of its own.</summary>
    public static Task Verb(string verb, string nodeName, string? subject, Func<Task> run) => Verb(verb, nodeName, subject, async () =>
    {
        await run();
        return true;
    });
}
