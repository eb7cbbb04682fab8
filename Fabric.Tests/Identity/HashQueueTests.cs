using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Identity;

/// <summary>Who waits for hashes, in which order, and who does not wait.</summary>
public sealed class HashQueueTests : IDisposable
{
    private readonly ManualResetEventSlim held = new();
    private readonly List<string> done = [];

    public void Dispose() => held.Dispose();

    [Fact]
    public async Task Places_take_turns_and_each_keeps_its_own_order()
    {
        var queue = new HashQueue(1, 100);
        List<Task> all = [await Hold(queue)];
        foreach (var name in (string[])["a1", "a2", "a3", "b1", "b2", "c1"])
            all.Add(Do(queue, name));
        held.Set();
        await Task.WhenAll(all);
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3"], done);
        Assert.Equal((0, 7), (queue.Waiting, queue.Begun));
    }

    [Fact]
    public async Task When_it_is_full_the_place_with_the_most_gives_way_and_nobody_else_does()
    {
        var queue = new HashQueue(1, 4);
        var first = await Hold(queue);
        Task[] flood = [Do(queue, "a1"), Do(queue, "a2"), Do(queue, "a3"), Do(queue, "a4")];
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => Do(queue, "a5"))).Kind);

        var other = Do(queue, "b1");

        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => flood[3])).Kind);
        Assert.Equal(4, queue.Waiting);
        held.Set();
        await Task.WhenAll([first, other, .. flood[..3]]);
        Assert.Equal(["a1", "b1", "a2", "a3"], done);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_place_to_others_and_nothing_behind()
    {
        var queue = new HashQueue(1, 2);
        var first = await Hold(queue);
        using var gone = new CancellationTokenSource();
        Task[] leaving = [Do(queue, "a1", gone.Token), Do(queue, "a2", gone.Token)];
        await Assert.ThrowsAsync<Fault>(() => Do(queue, "a3"));
        await gone.CancelAsync();
        foreach (var one in leaving)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal(0, queue.Waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Do(queue, "a4", gone.Token));

        Task[] next = [Do(queue, "a5"), Do(queue, "b6")];
        held.Set();
        await Task.WhenAll([first, .. next]);
        Assert.Equal(["a5", "b6"], done);
    }

    [Fact]
    public async Task Work_that_fails_fails_for_who_asked_and_the_next_is_done()
    {
        var queue = new HashQueue(1, 10);
        var bad = queue.Run<int>("a", static () => throw new InvalidOperationException("broken"), default);
        var good = Do(queue, "a1");
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        await good;
    }

    [Fact]
    public async Task So_many_run_at_once_and_none_on_the_threads_that_answer_requests()
    {
        var queue = new HashQueue(2, 10);
        using var both = new Barrier(2);
        bool Meet()
        {
            both.SignalAndWait();
            return Thread.CurrentThread.IsThreadPoolThread;
        }

        var onThePool = await Task.WhenAll(queue.Run("a", Meet, default), queue.Run("a", Meet, default));
        Assert.Equal([false, false], onThePool);
    }

    /// <summary>Takes the one worker, until the test lets go of it.</summary>
    private async Task<Task> Hold(HashQueue queue)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = queue.Run("", () =>
        {
            begun.SetResult();
            held.Wait();
            return true;
        }, default);
        await begun.Task;
        return all;
    }

    private Task Do(HashQueue queue, string name, CancellationToken ct = default) => queue.Run(name[..1], () =>
    {
        lock (done)
            done.Add(name);
        return true;
    }, ct);
}
