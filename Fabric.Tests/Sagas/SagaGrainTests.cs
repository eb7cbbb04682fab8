using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Sagas;

/// <summary>Sagas on real grains with a real log.</summary>
public sealed class SagaGrainTests
{
    [Fact]
    public async Task A_saga_that_was_started_comes_to_its_end_and_leaves_no_row()
    {
        var shelf = new Shelf();
        await using var cloud = await Start(shelf);
        await Sagas(cloud).Start<StackBooks, Books>("s1", new(["a", "b"]));
        await Eventually.True(async () => await Sagas(cloud).Status("s1") == SagaStatus.Done, "the saga is done");
        Assert.Equal(["a", "b"], shelf.Standing.Keys.Order());
        Assert.Equal(0, await cloud.Index.Count(new("saga"), default));
    }

    [Fact]
    public async Task The_same_id_twice_is_the_same_saga_while_it_runs_and_after_it_ended()
    {
        var shelf = new Shelf { Gate = new() };
        await using var cloud = await Start(shelf);
        await Sagas(cloud).Start<StackBooks, Books>("s1", new(["a"]));
        await Sagas(cloud).Start<StackBooks, Books>("s1", new(["other"]));
        Assert.Equal(SagaStatus.Running, await Sagas(cloud).Status("s1"));
        shelf.Gate.SetResult();
        await Eventually.True(async () => await Sagas(cloud).Status("s1") == SagaStatus.Done, "the saga is done");
        await Sagas(cloud).Start<StackBooks, Books>("s1", new(["late"]));
        Assert.Equal(SagaStatus.Done, await Sagas(cloud).Status("s1"));
        Assert.Equal(["a"], shelf.Standing.Keys);
    }

    [Fact]
    public async Task A_saga_whose_undo_fails_stays_as_stuck_for_an_operator_to_find()
    {
        var shelf = new Shelf { Full = true, Glued = true };
        await using var cloud = await Start(shelf);
        await Sagas(cloud).Start<StackBooks, Books>("s1", new(["a"]));
        await Eventually.True(async () => await Sagas(cloud).Status("s1") == SagaStatus.Stuck, "the saga is stuck");
        Assert.Equal(["s1"], await cloud.Index.ListIds(new("saga") { Statuses = ["Stuck"] }, default));
        await cloud.Restart();
        Assert.Equal(SagaStatus.Stuck, await Sagas(cloud).Status("s1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_saga_goes_on_where_it_was_when_the_silo_comes_back(bool crash)
    {
        var shelf = new Shelf { Gate = new() };
        await using var cloud = await Start(shelf);
        await Sagas(cloud).Start<StackBooks, Books>("s1", new(["a"]));
        await Eventually.True(() => shelf.Waiting > 0, "the second step has begun");
        await (crash ? cloud.Crash() : cloud.Restart());
        await Eventually.True(() => shelf.Waiting > 1, "the second step has begun again");
        shelf.Gate.SetResult();
        await Eventually.True(async () => await Sagas(cloud).Status("s1") is null or SagaStatus.Done, "the saga is done");
        Assert.Equal(["a"], shelf.Standing.Keys);
        Assert.Equal(1, shelf.Fetched);
    }

    [Fact]
    public async Task Every_mishap_between_its_steps_leaves_a_clean_slate()
    {
        var shelf = new Shelf();
        await using var cloud = await Start(shelf);
        var number = 0;
        await cloud.Sagas.Exhaust<StackBooks, Books>(
            arrange: () => Sagas(cloud).Start<StackBooks, Books>($"s{++number}", new(["a", "b"])),
            cleanSlate: async () =>
            {
                Assert.Empty(shelf.Standing);
                Assert.Equal(0, await cloud.Index.Count(new("saga"), default));
            },
            remove: () =>
            {
                shelf.Standing.Clear();
                return Task.CompletedTask;
            });
        Assert.Equal(13, number);
    }

    [Fact]
    public async Task A_step_that_half_succeeds_without_a_guard_is_found_out()
    {
        var shelf = new Shelf { DropsHalf = true };
        await using var cloud = await Start(shelf);
        var number = 0;
        await Assert.ThrowsAsync<Xunit.Sdk.XunitException>(() => cloud.Sagas.Exhaust<StackBooks, Books>(
            arrange: () => Sagas(cloud).Start<StackBooks, Books>($"s{++number}", new(["a", "b"])),
            cleanSlate: () =>
            {
                Assert.Empty(shelf.Standing);
                return Task.CompletedTask;
            },
            remove: () =>
            {
                shelf.Standing.Clear();
                return Task.CompletedTask;
            }));
    }

    private static ISagas Sagas(Cloud cloud) => cloud.Services.GetRequiredService<ISagas>();

    private static Task<Cloud> Start(Shelf shelf) =>
        Cloud.Start(configure: services => services.AddSingleton(shelf).AddSaga<StackBooks, Books>());

    internal sealed record Books(IReadOnlyList<string> Titles);

    /// <summary>The world that the saga changes.</summary>
    internal sealed class Shelf
    {
        public ConcurrentDictionary<string, bool> Standing { get; } = [];

        public TaskCompletionSource? Gate { get; init; }

        public bool Full { get; init; }

        public bool Glued { get; init; }

        public bool DropsHalf { get; init; }

        public int Waiting;

        public int Fetched;
    }

    internal sealed class StackBooks(Shelf shelf) : Saga<Books>
    {
        public override void Define(Steps<Books> steps) => steps
            .Step("fetch", Fetch, undo: (_, _) => Task.CompletedTask)
            .Guard("books-may-stand", undo: Take)
            .Step("stand", Stand)
            .Step("check", Check);

        private Task Fetch(Books books, CancellationToken ct)
        {
            Interlocked.Increment(ref shelf.Fetched);
            return Task.CompletedTask;
        }

        private async Task Stand(Books books, CancellationToken ct)
        {
            Interlocked.Increment(ref shelf.Waiting);
            if (shelf.Gate is { } gate)
                await gate.Task.WaitAsync(ct);
            foreach (var title in books.Titles)
                shelf.Standing[title] = true;
        }

        private Task Check(Books books, CancellationToken ct) =>
            shelf.Full ? throw Fault.Conflict("ShelfFull", "The shelf is full.") : Task.CompletedTask;

        private Task Take(Books books, CancellationToken ct)
        {
            if (shelf.Glued)
                throw Fault.Conflict("Glue", "The books are glued on.");
            foreach (var title in books.Titles.Take(shelf.DropsHalf ? 1 : int.MaxValue))
                shelf.Standing.TryRemove(title, out _);
            return Task.CompletedTask;
        }
    }
}
