using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orleans.Storage;

namespace Fabric.Engine;

/// <summary>What records cost: how long reading, writing and clearing took, and how often it failed.</summary>
internal sealed class StorageMetrics
{
    private readonly Verb _read;
    private readonly Verb _write;
    private readonly Verb _clear;

    internal StorageMetrics(Meter meter, InstrumentAdvice<double> milliseconds)
    {
        _read = new Verb(meter, "read", milliseconds);
        _write = new Verb(meter, "write", milliseconds);
        _clear = new Verb(meter, "clear", milliseconds);
    }

    internal Task Read<T>(StorageTags tags, Func<T, Task> read, T state) => _read.Run(tags, read, state);

    internal Task Write<T>(StorageTags tags, Func<T, Task> write, T state) => _write.Run(tags, write, state);

    internal Task Clear<T>(StorageTags tags, Func<T, Task> clear, T state) => _clear.Run(tags, clear, state);

    private sealed class Verb(Meter meter, string name, InstrumentAdvice<double> milliseconds)
    {
        private readonly Histogram<double> _latency =
            meter.CreateHistogram($"orleans-storage-{name}-latency", "ms", null, null, milliseconds);

        private readonly Counter<long> _errors = meter.CreateCounter<long>($"orleans-storage-{name}-errors");

        /// <summary>The work itself when nobody measures.</summary>
        internal Task Run<T>(StorageTags tags, Func<T, Task> work, T state) =>
            _latency.Enabled || _errors.Enabled ? Measured(tags, work, state) : work(state);

        private async Task Measured<T>(StorageTags tags, Func<T, Task> work, T state)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                await work(state);
            }
            catch
            {
                _errors.Add(1, tags.Provider, tags.State, tags.Type);
                throw;
            }

            _latency.Record(Stopwatch.GetElapsedTime(began).TotalMilliseconds, tags.Provider, tags.State, tags.Type);
        }
    }
}

/// <summary>Which records were stored, by Orleans' own tags.</summary>
internal sealed class StorageTags(IGrainStorage storage, string stateName, Type stateType)
{
    internal KeyValuePair<string, object?> Provider { get; } = new("provider_type_name", storage.GetType().Name);

    internal KeyValuePair<string, object?> State { get; } = new("state_name", stateName);

    internal KeyValuePair<string, object?> Type { get; } = new("state_type", stateType.Name);
}
