using System.Text.Json;
using System.Text.Json.Serialization;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Sagas;

/// <summary>How far a saga has come: one record, written once for each move. A saga that came to its end has none, unless it is
/// stuck.</summary>
[Alias("sagas.log")]
internal sealed record SagaLog : IIndexedRecord
{
    /// <summary>The kind under which logs are listed.</summary>
    public const string Kind = "saga";

    /// <summary>Name of the saga's class.</summary>
    public string Saga { get; init; } = "";

    /// <summary>What it works on, as the last finished step left it: JSON.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Value { get; init; } = "null";
    public SagaStatus Status { get; init; }

    /// <summary>While it runs, the step to run next. While it unwinds, how many steps are still to be undone.</summary>
    public int Next { get; init; }

    /// <summary>Why it unwinds.</summary>
    public SagaFailure? Failure { get; init; }

    /// <summary>Why it could not even unwind.</summary>
    public SagaFailure? StuckBecause { get; init; }

    /// <summary>The trace of the request that started it, for its steps to belong to.</summary>
    public string? TraceParent { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset MovedAt { get; init; }

    /// <summary>True when somebody must go on with it.</summary>
    [JsonIgnore]
    public bool IsActive => Status is SagaStatus.Running or SagaStatus.Unwinding;

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Saga, Status = Status.ToString(), CreatedAt = StartedAt, UpdatedAt = MovedAt };

    /// <summary>Keeps a text that is JSON as JSON, not as an escaped text within it.</summary>
    internal sealed class RawJsonConverter : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.GetRawText();
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value, skipInputValidation: true);
    }
}

/// <summary>Where a runner writes how far it has come. A write is durable when its task completes.</summary>
internal interface ISagaLog
{
    /// <summary>The saga's id.</summary>
    string Id { get; }

    /// <summary>The last entry written.</summary>
    SagaLog Entry { get; }

    Task Write(SagaLog entry);

    /// <summary>The saga is over and leaves nothing.</summary>
    Task Clear();
}
