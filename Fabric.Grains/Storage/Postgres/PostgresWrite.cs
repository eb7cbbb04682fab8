using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Orleans.Storage;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>One write or removal on its way to the database.</summary>
internal sealed class PostgresWrite
{
    // The caller's continuation must never run on the writer's turn: it would hold up every other write.
    private readonly TaskCompletionSource<long> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long began = Stopwatch.GetTimestamp();

    /// <summary>A write.</summary>
    public PostgresWrite(RecordWrite write, int life)
    {
        Life = life;
        Key = write.Key;
        Expected = write.ExpectedEtag;
        Row = write.Row;
        Doc = Encoding.UTF8.GetString(write.Doc.Span);
        Refs = write.Row.Refs.Count == 0 ? null : Json(write.Row.Refs.Select(static one => (string[])[one.Name, one.Value]));
        Keys = write.Row.UniqueKeys.Count == 0 ? null : Json(write.Row.UniqueKeys);
        Events = EventsJson(write.Events);
    }

    /// <summary>A removal.</summary>
    public PostgresWrite(RecordKey key, long? expected, IReadOnlyList<ResourceEvent> events, int life)
    {
        Life = life;
        Key = key;
        Expected = expected;
        Events = EventsJson(events);
    }

    public RecordKey Key { get; }

    public long? Expected { get; }

    /// <summary>In which life of the process it was asked for.</summary>
    public int Life { get; }

    /// <summary>Null for a removal.</summary>
    public ResourceRow? Row { get; }

    public string? Doc { get; }

    public string? Refs { get; }

    public string? Keys { get; }

    public string? Events { get; }

    /// <summary>The etag to be; the same in every attempt, so that one whose answer was lost is known again. Null for a removal, and
    /// before the first attempt.</summary>
    public long? Etag { get; set; }

    /// <summary>True from when an attempt is sent until its answer is there.</summary>
    public bool IsSent { get; set; }

    /// <summary>True when an attempt's answer was lost: it may have been a yes.</summary>
    public bool IsInDoubt { get; private set; }

    /// <summary>Whether its caller has waited long enough.</summary>
    public bool IsOverdue => Stopwatch.GetElapsedTime(began) > PostgresConnections.Patience;

    /// <summary>The new etag, when it is durable.</summary>
    public Task<long> Task => completion.Task;

    /// <summary>It is durable.</summary>
    public void Complete() => completion.TrySetResult(Etag ?? 0);

    /// <summary>It was refused: a key is taken, or another etag is stored.</summary>
    public void Refuse(long? storedEtag, string? takenKey)
    {
        var message = $"The record {Key.Kind}/{Key.Id} was changed by another writer.";
        Fail(takenKey is not null
            ? new DuplicateKeyException(takenKey)
            : new InconsistentStateException(message, Text(storedEtag), Text(Expected)));
    }

    /// <summary>An attempt came to nothing.</summary>
    /// <param name="answerWasLost">False when the server said so.</param>
    public void Missed(bool answerWasLost)
    {
        IsInDoubt |= answerWasLost && IsSent;
        IsSent = false;
    }

    /// <summary>The server is gone for too long. What was never sent did not happen. Of what was, nobody can tell: that is an inconsistent
    /// state, for which the engine has the activation read its record anew before it goes on.</summary>
    public void GiveUp(Fault gone) => Fail(IsInDoubt
        ? new InconsistentStateException($"Whether the record {Key.Kind}/{Key.Id} was written is not known: the database went away.", gone)
        : gone);

    /// <summary>The process has lost its place in the cluster: it is not done any more.</summary>
    public void Outlive() => GiveUp(Fault.Unavailable("This process has lost its place in the cluster; try again."));

    /// <summary>Tells the caller that nothing of it was done.</summary>
    public void Fail(Exception failure) => completion.TrySetException(failure);

    private static string? EventsJson(IReadOnlyList<ResourceEvent> events) => events.Count == 0
        ? null
        : Json(events.Select(static one => (object[])[RecordTime.Micros(one.At), one.Type, one.Payload]));

    private static string Json<T>(IEnumerable<T> values) => JsonSerializer.Serialize(values, RecordJson.Options);

    private static string? Text(long? etag) => etag?.ToString(CultureInfo.InvariantCulture);
}
