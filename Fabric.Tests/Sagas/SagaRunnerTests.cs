using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Sagas;

/// <summary>The saga's rules, on a log in memory.</summary>
public sealed class SagaRunnerTests
{
    private readonly FakeTime time = new();
    private readonly Journey journey = new();
    private readonly MemoryLog log = new();

    [Fact]
    public async Task Steps_run_in_order_and_each_sees_what_the_last_one_added()
    {
        Assert.Equal(SagaStatus.Done, await Run());
        Assert.Equal(["flight", "hotel", "car"], journey.Did);
        Assert.Equal("start+flight+hotel+car", journey.LastValue);
        Assert.True(log.Cleared);
    }

    [Fact]
    public async Task One_write_stands_between_two_steps_and_none_after_the_last()
    {
        await Run();
        // flight, hotel; the guard and the last step cost nothing.
        Assert.Equal([1, 2], log.Writes.Select(entry => entry.Next));
    }

    [Fact]
    public async Task A_fault_unwinds_what_was_done_last_first_and_tells_why()
    {
        journey.Fail["car"] = Fault.Conflict("NoCars", "No car is left.");
        Assert.Equal(SagaStatus.Unwound, await Run());
        Assert.Equal(["undo road", "undo hotel", "undo flight"], journey.Undid);
        Assert.Equal(new SagaFailure("car", "NoCars", "No car is left."), journey.UnwoundBecause);
        Assert.True(log.Cleared);
        Assert.DoesNotContain(log.Writes, entry => entry.Status == SagaStatus.Stuck);
    }

    [Fact]
    public async Task A_guard_is_undone_when_the_step_after_it_fails_but_not_when_one_before_it_does()
    {
        journey.Fail["hotel"] = Fault.Conflict("No room.");
        await Run();
        Assert.Equal(["undo flight"], journey.Undid);
    }

    [Fact]
    public async Task A_passing_error_is_tried_again_and_a_fault_is_not()
    {
        journey.Fail["hotel"] = new TimeoutException();
        journey.FailTimes = 2;
        var run = Run();
        await Pass(run);
        Assert.Equal(SagaStatus.Done, await run);
        Assert.Equal(3, journey.Tried("hotel"));
    }

    [Fact]
    public async Task An_unavailable_dependency_is_tried_again()
    {
        journey.Fail["hotel"] = Fault.Unavailable("The hotel does not answer.");
        journey.FailTimes = 1;
        var run = Run();
        await Pass(run);
        Assert.Equal(SagaStatus.Done, await run);
    }

    [Fact]
    public async Task An_error_that_does_not_pass_in_time_unwinds_without_telling_internals()
    {
        journey.Fail["hotel"] = new IOException("/secret/path");
        var run = Run();
        await Pass(run);
        Assert.Equal(SagaStatus.Unwound, await run);
        Assert.Equal("IOException", journey.UnwoundBecause!.Type);
        Assert.DoesNotContain("secret", journey.UnwoundBecause.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_undo_that_cannot_finish_leaves_the_saga_stuck_and_visible()
    {
        journey.Fail["car"] = Fault.Conflict("No car.");
        journey.Fail["undo hotel"] = Fault.Conflict("HotelGone", "The hotel burned down.");
        Assert.Equal(SagaStatus.Stuck, await Run());
        Assert.False(log.Cleared);
        Assert.Equal("HotelGone", journey.StuckBecause!.Type);
        Assert.DoesNotContain("undo flight", journey.Undid);
    }

    [Fact]
    public async Task A_saga_that_was_interrupted_goes_on_with_the_step_it_was_in()
    {
        journey.Fail["car"] = new SagaInterruptedException();
        await Assert.ThrowsAsync<SagaInterruptedException>(Run);
        journey.Fail.Clear();
        journey.Did.Clear();
        Assert.Equal(SagaStatus.Done, await Run());
        Assert.Equal(["car"], journey.Did);
        Assert.Equal("start+flight+hotel+car", journey.LastValue);
    }

    [Fact]
    public async Task Unwinding_that_was_interrupted_goes_on_unwinding()
    {
        journey.Fail["car"] = Fault.Conflict("NoCars", "No car is left.");
        journey.Fail["undo hotel"] = new SagaInterruptedException();
        await Assert.ThrowsAsync<SagaInterruptedException>(Run);
        journey.Fail.Clear();
        journey.Undid.Clear();
        Assert.Equal(SagaStatus.Unwound, await Run());
        Assert.Equal(["undo hotel", "undo flight"], journey.Undid);
        Assert.Equal("NoCars", journey.UnwoundBecause!.Type);
    }

    [Fact]
    public async Task Cancelling_stops_without_a_trace_in_the_log()
    {
        using var cancel = new CancellationTokenSource();
        journey.Fail["hotel"] = new TimeoutException();
        var run = Runner().Run(log, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(SagaStatus.Running, log.Entry.Status);
        Assert.Equal(1, log.Entry.Next);
    }

    private Task<SagaStatus> Run() => Runner().Run(log, default);

    private SagaRunner<Trip> Runner() => new(journey, new(), time, NullLogger.Instance);

    /// <summary>Lets time pass until the run has nothing more to wait for.</summary>
    private async Task Pass(Task run)
    {
        while (!run.IsCompleted)
        {
            if (time.Waiting > 0)
                time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private sealed record Trip(string Text);

    private sealed class Journey : Saga<Trip>
    {
        public Dictionary<string, Exception> Fail { get; } = [];

        public int FailTimes { get; set; } = int.MaxValue;

        public List<string> Did { get; } = [];

        public List<string> Undid { get; } = [];

        public string? LastValue { get; private set; }

        public SagaFailure? UnwoundBecause { get; private set; }

        public SagaFailure? StuckBecause { get; private set; }

        private readonly List<string> tried = [];

        public int Tried(string step) => tried.Count(one => one == step);

        public override void Define(Steps<Trip> steps) => steps
            .Step("flight", (trip, _) => Book("flight", trip), undo: (_, _) => Undo("undo flight"))
            .Step("hotel", (trip, _) => Book("hotel", trip), undo: (_, _) => Undo("undo hotel"))
            .Guard("road", undo: (_, _) => Undo("undo road"))
            .Step("car", (trip, _) => Book("car", trip));

        public override Task Unwound(Trip value, SagaFailure failure, CancellationToken ct)
        {
            UnwoundBecause = failure;
            return Task.CompletedTask;
        }

        public override Task Stuck(Trip value, SagaFailure failure, CancellationToken ct)
        {
            StuckBecause = failure;
            return Task.CompletedTask;
        }

        private Task<Trip> Book(string step, Trip trip)
        {
            Try(step);
            Did.Add(step);
            LastValue = $"{trip.Text}+{step}";
            return Task.FromResult(trip with { Text = LastValue });
        }

        private Task Undo(string step)
        {
            Try(step);
            Undid.Add(step);
            return Task.CompletedTask;
        }

        private void Try(string step)
        {
            tried.Add(step);
            if (Fail.TryGetValue(step, out var failure) && tried.Count(one => one == step) <= FailTimes)
                throw failure;
        }
    }

    private sealed class MemoryLog : ISagaLog
    {
        public string Id => "saga-1";

        public SagaLog Entry { get; private set; } = new() { Saga = nameof(Journey), Value = """{"Text":"start"}""" };

        public List<SagaLog> Writes { get; } = [];

        public bool Cleared { get; private set; }

        public Task Write(SagaLog entry)
        {
            // Through JSON and back: what is not in the log is lost in a crash.
            Entry = JsonSerializer.Deserialize<SagaLog>(JsonSerializer.Serialize(entry, RecordJson.Options), RecordJson.Options)!;
            Writes.Add(Entry);
            return Task.CompletedTask;
        }

        public Task Clear()
        {
            Cleared = true;
            Entry = Entry with { Status = Entry.Status == SagaStatus.Running ? SagaStatus.Done : SagaStatus.Unwound };
            return Task.CompletedTask;
        }
    }
}
