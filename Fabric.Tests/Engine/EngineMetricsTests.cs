using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fabric.Engine;
using Fabric.Tests.Engine.Cluster;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Engine;

/// <summary>What a silo measures of itself and of each type of its grains.</summary>
public sealed class EngineMetricsTests
{
    [Fact]
    public async Task Each_silo_counts_the_activations_turns_and_writes_of_each_type_of_its_grains()
    {
        await using var cluster = await TestCluster.Start(2);
        using var first = new Watch(TestCluster.Runtime(cluster.Silos[0]));
        using var second = new Watch(TestCluster.Runtime(cluster.Silos[1]));
        var keys = Enumerable.Range(0, 3).Select(number => cluster.KeyOn(cluster.Silos[0], $"measured-{number}")).ToArray();
        foreach (var key in keys)
            await cluster.Client.GetGrain<IClusterGrain>(key).Add();
        first.Read();
        second.Read();
        Assert.Equal(3, first.Value("orleans-catalog-activations", "cluster"));
        Assert.Equal(3, first.Value("orleans-grains", "cluster"));
        Assert.Equal(3, first.Value("orleans-catalog-activation-created", "cluster"));
        Assert.Equal(0, first.Value("orleans-catalog-activation-destroyed", "cluster"));
        Assert.Equal(0, second.Value("orleans-catalog-activations", "cluster"));
        // A life's beginning, its end of the set-up, and the request: three turns at the least.
        Assert.InRange(first.Value("fabric.engine.turn.duration.seconds.count", "cluster"), 3, 100);
        Assert.InRange(first.Value("fabric.engine.turn.duration.seconds.sum", "cluster"), 1e-9, 10);
        Assert.Equal(3, first.Count("orleans-storage-write-latency"));
        Assert.Equal(0, second.Count("orleans-storage-write-latency"));
        Assert.InRange(first.Value("orleans-messaging-received-messages-size-bytes-sum", null), 100, 1_000_000);
        Assert.Equal("Silo_0", first.Silo);
        Assert.Equal("Silo_1", second.Silo);
    }

    [Fact]
    public async Task Requests_that_wait_in_a_mailbox_are_counted_until_they_start()
    {
        await using var silo = await TestSilo.Start();
        using var watch = new Watch(silo.Runtime);
        var grain = silo.Grains.GetGrain<IClusterGrain>("slow");
        var first = grain.Pass("gate");
        await silo.Probe.Reached("gate");
        var rest = Enumerable.Range(0, 3).Select(_ => grain.Silo()).ToArray();
        watch.Read();
        Assert.Equal(3, watch.Value("fabric.engine.requests.waiting", "cluster"));
        silo.Probe.Open("gate");
        await Task.WhenAll([first, .. rest]);
        watch.Read();
        Assert.Equal(0, watch.Value("fabric.engine.requests.waiting", "cluster"));
        Assert.Equal(4, watch.Count("orleans-app-requests-latency"));
    }

    [Fact]
    public async Task A_failed_write_counts_as_an_error_and_not_as_a_write()
    {
        await using var cluster = await TestCluster.Start(1);
        using var watch = new Watch(TestCluster.Runtime(cluster.Silos[0]));
        var grain = cluster.Client.GetGrain<IClusterGrain>("conflict");
        await grain.Add();
        await cluster.Storage.ClearStateAsync("counter", grain.GetGrainId(), new GrainState<CounterState> { ETag = "1" });
        await Assert.ThrowsAnyAsync<Exception>(() => grain.Add());
        watch.Read();
        Assert.Equal(1, watch.Count("orleans-storage-write-latency"));
        Assert.Equal(1, watch.Count("orleans-storage-write-errors"));
    }

    [Fact]
    public void A_turn_falls_into_the_bucket_of_its_length_and_costs_no_memory()
    {
        var turns = new TurnHistogram();
        var now = Stopwatch.GetTimestamp();
        turns.Ended(now - (long)(0.05 * Stopwatch.Frequency));
        turns.Ended(now - (5 * Stopwatch.Frequency));
        Assert.Equal(0, turns.UpTo(3));
        Assert.Equal(1, turns.UpTo(4));
        Assert.Equal(1, turns.InBucket(TurnHistogram.Buckets - 1));
        Assert.Equal(2, turns.UpTo(TurnHistogram.Buckets - 1));
        Assert.InRange(turns.Seconds, 5.05, 60);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var turn = 0; turn < 1_000; turn++)
            now = turns.Ended(now);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Listens to one silo's meters alone.</summary>
    private sealed class Watch : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<(string Name, string? Type), double> _values = [];
        private readonly Dictionary<string, int> _counts = [];

        internal Watch(SiloRuntime silo)
        {
            Silo = silo.Metrics.Orleans.Tags!.Single(tag => tag.Key == "silo").Value as string;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, silo.Metrics.Orleans) || ReferenceEquals(instrument.Meter, silo.Metrics.Own))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument.Name, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument.Name, value, tags));
            _listener.Start();
        }

        internal string? Silo { get; }

        internal void Read() => _listener.RecordObservableInstruments();

        internal double Value(string instrument, string? grainType)
        {
            lock (_values)
                return _values.GetValueOrDefault((instrument, grainType));
        }

        internal int Count(string instrument)
        {
            lock (_values)
                return _counts.GetValueOrDefault(instrument);
        }

        public void Dispose() => _listener.Dispose();

        private void Take(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string? type = null;
            foreach (var (name, tag) in tags)
                type = name == "grain_type" ? tag as string : type;
            lock (_values)
            {
                _values[(instrument, type)] = value;
                _counts[instrument] = _counts.GetValueOrDefault(instrument) + 1;
            }
        }
    }
}
