using System.Collections.Concurrent;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Fabric.Engine;

/// <summary>Records in this process's memory, with etags like a real store: for tests, and for state that may be lost.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), Row> _rows = [];
    private long _lastEtag;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = _rows.TryGetValue((stateName, grainId), out var row);
        grainState.State = found ? (T)row!.State! : Fresh<T>();
        grainState.ETag = found ? row!.Etag : null!;
        grainState.RecordExists = found;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var next = new Row(grainState.State, Interlocked.Increment(ref _lastEtag).ToString(CultureInfo.InvariantCulture));
        var key = (stateName, grainId);
        var current = _rows.GetValueOrDefault(key);
        var written = current?.Etag == grainState.ETag
            && (current is null ? _rows.TryAdd(key, next) : _rows.TryUpdate(key, next, current));
        if (!written)
            throw Conflict(stateName, grainId, current, grainState.ETag);
        grainState.ETag = next.Etag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var current = _rows.GetValueOrDefault(key);
        if (current?.Etag != grainState.ETag || (current is not null && !_rows.TryRemove(KeyValuePair.Create(key, current))))
            throw Conflict(stateName, grainId, current, grainState.ETag);
        grainState.State = Fresh<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private static InconsistentStateException Conflict(string stateName, GrainId grainId, Row? stored, string? ours) =>
        new($"{stateName} of {grainId} was written by another activation.", stored?.Etag, ours);

    private static T Fresh<T>() => typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null
        ? Activator.CreateInstance<T>()
        : default!;

    private sealed record Row(object? State, string Etag);
}
