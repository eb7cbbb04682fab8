using System.Diagnostics.Metrics;
using Fabric.Hosting.Metrics;

namespace Fabric.Tests.Silo;

/// <summary>What Prometheus reads.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly Meter meter = new($"Fabric.Test.{Guid.NewGuid():N}");
    private readonly MetricsCollector collector;

    public MetricsTests() => collector = new(meter.Name);

    public void Dispose()
    {
        collector.Dispose();
        meter.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_by_its_tags_and_ends_in_total()
    {
        var boots = meter.CreateCounter<long>("fabric.boots", "{boot}", "Servers\nbooted.");
        boots.Add(2, new KeyValuePair<string, object?>("node.name", "n1"));
        boots.Add(3, new KeyValuePair<string, object?>("node.name", "n1"));
        boots.Add(1, new KeyValuePair<string, object?>("node.name", "a \"b\" \\c\nd"));
        Assert.Equal(
            [
                "# HELP fabric_boots_total Servers\\nbooted.",
                "# TYPE fabric_boots_total counter",
                "fabric_boots_total{node_name=\"a \\\"b\\\" \\\\c\\nd\"} 1",
                "fabric_boots_total{node_name=\"n1\"} 5",
            ],
            Lines());
    }

    [Fact]
    public void A_histogram_counts_into_its_buckets_and_all_smaller_ones_count_in_the_larger()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5] };
        var took = meter.CreateHistogram("fabric.step.duration", "s", null, null, advice);
        took.Record(0.5);
        took.Record(1);
        took.Record(2);
        took.Record(100);
        Assert.Equal(
            [
                "# TYPE fabric_step_duration_seconds histogram",
                "fabric_step_duration_seconds_bucket{le=\"+Inf\"} 4",
                "fabric_step_duration_seconds_bucket{le=\"1\"} 2",
                "fabric_step_duration_seconds_bucket{le=\"2.5\"} 3",
                "fabric_step_duration_seconds_count 4",
                "fabric_step_duration_seconds_sum 103.5",
            ],
            Lines());
    }

    [Fact]
    public void What_is_observed_is_the_last_value_not_a_sum()
    {
        var value = 7;
        meter.CreateObservableGauge("fabric.nodes", () => value);
        meter.CreateObservableCounter("fabric.bytes", () => value, "By");
        collector.Render();
        value = 9;
        Assert.Equal(["# TYPE fabric_bytes_total counter", "# TYPE fabric_nodes gauge", "fabric_bytes_total 9", "fabric_nodes 9"], Lines());
    }

    [Fact]
    public void A_meters_tags_are_labels_and_the_three_counters_of_a_histogram_keep_its_names()
    {
        using var tagged = new Meter(new MeterOptions(meter.Name) { Tags = [new("silo", "silo-1")] });
        tagged.CreateObservableCounter("fabric.turn.seconds.bucket",
            () => new Measurement<long>(4, new("grain_type", "port"), new KeyValuePair<string, object?>("le", "0.1")));
        tagged.CreateObservableCounter("fabric.turn.seconds.count", () => 4L);
        Assert.Equal(
            [
                "# TYPE fabric_turn_seconds_bucket counter", "# TYPE fabric_turn_seconds_count counter",
                "fabric_turn_seconds_bucket{silo=\"silo-1\",grain_type=\"port\",le=\"0.1\"} 4",
                "fabric_turn_seconds_count{silo=\"silo-1\"} 4",
            ],
            Lines());
    }

    [Fact]
    public void An_up_down_counter_is_a_gauge()
    {
        var open = meter.CreateUpDownCounter<int>("fabric.open");
        open.Add(5);
        open.Add(-2);
        Assert.Equal(["# TYPE fabric_open gauge", "fabric_open 3"], Lines());
    }

    [Fact]
    public void A_tag_with_endless_values_does_not_grow_without_end()
    {
        var counter = meter.CreateCounter<long>("fabric.leak");
        for (var i = 0; i < 5_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        Assert.Equal(2_001, Lines().Length);
    }

    [Fact]
    public void Labels_that_do_not_fit_are_left_out_and_the_rest_stays_well_formed()
    {
        var counter = meter.CreateCounter<long>("fabric.long");
        counter.Add(1, new("long", new string('x', 5_000)), new KeyValuePair<string, object?>("short", true));
        Assert.Contains("fabric_long_total{short=\"true\"} 1", Lines());
    }

    [Fact]
    public void Many_threads_lose_no_count()
    {
        var counter = meter.CreateCounter<long>("fabric.busy");
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
                counter.Add(1, new KeyValuePair<string, object?>("tag", "x"));
        });
        Assert.Contains("fabric_busy_total{tag=\"x\"} 80000", Lines());
    }

    private string[] Lines() =>
        [.. collector.Render().Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(static line => line[0] != '#').ThenBy(
            static line => line, StringComparer.Ordinal)];
}
