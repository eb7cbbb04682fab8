using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orleans.Storage;

namespace Fabric.Grains.Storage;

/// <summary>The engine's storage provider: writes a grain's record with its row, references, unique keys and events in one transaction.
/// Kind is the state's name, id the grain's key. A record that is no <see cref="IIndexedRecord"/> has a row with nothing to list by but
/// its kind and id.</summary>
internal sealed class RecordGrainStorage(IRecordDatabase database, TimeProvider time) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Read(Key(stateName, grainId), grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Write(Key(stateName, grainId), grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Clear(Key(stateName, grainId), grainState, CancellationToken.None);

    private async Task Read<T>(RecordKey key, IGrainState<T> grainState, CancellationToken ct)
    {
        var stored = await database.Read(key.Kind, key.Id, ct);
        if (stored is null)
        {
            Forget(grainState);
            return;
        }

        grainState.State = JsonSerializer.Deserialize<T>(stored.Doc, RecordJson.Options)!;
        grainState.ETag = EtagText(stored.Etag);
        grainState.RecordExists = true;
    }

    private async Task Write<T>(RecordKey key, IGrainState<T> grainState, CancellationToken ct)
    {
        var (record, events) = TakeEvents(grainState);
        var doc = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(doc, new() { Encoder = RecordJson.Options.Encoder, SkipValidation = true }))
            JsonSerializer.Serialize(writer, record, RecordJson.Options);
        var write = new RecordWrite
        {
            Key = key,
            ExpectedEtag = ParseEtag(grainState.ETag),
            Row = record is IIndexedRecord indexed ? indexed.ToRow() : PlainRow(),
            Doc = doc.WrittenMemory,
            Events = events,
        };
        try
        {
            grainState.ETag = EtagText(await database.Write(write, ct));
            grainState.RecordExists = true;
        }
        catch (Exception) when (PutBack(grainState, record, events))
        {
            throw;
        }
    }

    private async Task Clear<T>(RecordKey key, IGrainState<T> grainState, CancellationToken ct)
    {
        var (record, events) = TakeEvents(grainState);
        try
        {
            await database.Clear(key, ParseEtag(grainState.ETag), events, ct);
        }
        catch (Exception) when (PutBack(grainState, record, events))
        {
            throw;
        }

        Forget(grainState);
    }

    /// <summary>Takes the events out before the write, not after it: an interleaved call may replace the record meanwhile, and a record
    /// made from one that still has its events would send them twice.</summary>
    private static (T Record, IReadOnlyList<ResourceEvent> Events) TakeEvents<T>(IGrainState<T> grainState)
    {
        var record = grainState.State!;
        if (RecordEvents<T>.Instance is not { } source || source.Of(record) is not { Count: > 0 } events)
            return (record, []);
        grainState.State = source.Without(record);
        return (record, events);
    }

    /// <summary>A write that failed has told nobody: the events go back, unless the record was replaced meanwhile. Always false, so that
    /// the exception passes untouched.</summary>
    private static bool PutBack<T>(IGrainState<T> grainState, T record, IReadOnlyList<ResourceEvent> events)
    {
        if (events.Count > 0 && Equals(grainState.State, RecordEvents<T>.Instance!.Without(record)))
            grainState.State = record;
        return false;
    }

    private static void Forget<T>(IGrainState<T> grainState)
    {
        grainState.State = Fresh<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
    }

    /// <summary>What a record is before its first write. Records with a primary constructor have no parameterless one.</summary>
    private static T Fresh<T>() =>
        typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance<T>()
            : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));

    private ResourceRow PlainRow()
    {
        var now = time.GetUtcNow();
        return new() { CreatedAt = now, UpdatedAt = now };
    }

    private static RecordKey Key(string stateName, GrainId grainId) => new(stateName, grainId.Key.ToString()!);

    private static string EtagText(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    private static long? ParseEtag(string? etag) => etag is null ? null : long.Parse(etag, CultureInfo.InvariantCulture);
}
