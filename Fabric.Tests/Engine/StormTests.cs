using System.Collections.Concurrent;
using Orleans.Concurrency;

namespace Fabric.Tests.Engine;

public interface IStormGrain : IGrainWithIntegerKey
{
    Task<bool> Work(int seed);

    [ReadOnly]
    Task<bool> Read(int seed);

    [AlwaysInterleave]
    Task Leave();
}

/// <summary>Watches its own invariants: one activation at a time, and nobody between the two halves of a write.</summary>
public sealed class StormGrain : Grain, IStormGrain
{
    private static readonly ConcurrentDictionary<long, int> Alive = [];

    private int _writing;
    private int _reading;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Assert.Equal(1, Alive.AddOrUpdate(this.GetPrimaryKeyLong(), 1, (_, count) => count + 1));
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Assert.Equal(0, Alive.AddOrUpdate(this.GetPrimaryKeyLong(), 0, (_, count) => count - 1));
    }

    public async Task<bool> Work(int seed)
    {
        var alone = ++_writing == 1 && _reading == 0;
        if (seed % 3 == 0)
            await Task.Yield();
        if (seed % 7 == 0)
            await Task.Run(() => { });
        alone &= _writing == 1 && _reading == 0;
        _writing--;
        if (seed % 50 == 0)
            DeactivateOnIdle();
        return alone;
    }

    public async Task<bool> Read(int seed)
    {
        _reading++;
        var quiet = _writing == 0;
        if (seed % 2 == 0)
            await Task.Yield();
        quiet &= _writing == 0;
        _reading--;
        return quiet;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class StormTests
{
    [Fact]
    public async Task However_grains_come_and_go_turns_stay_alone_lives_do_not_overlap_and_every_call_is_answered()
    {
        await using var silo = await TestSilo.Start();
        var seed = Environment.TickCount & 0xFFFF;
        var failures = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < 3_000; call++)
            {
                var dice = new Random(HashCode.Combine(seed, caller, call)).Next(1_000);
                var grain = silo.Grains.GetGrain<IStormGrain>(dice % 5);
                if (dice < 5)
                    await grain.Leave();
                else if (!(dice % 4 == 0 ? await grain.Read(dice) : await grain.Work(dice)))
                    failures.Enqueue($"caller {caller}, call {call}, dice {dice}");
            }
        })));
        Assert.True(failures.IsEmpty, $"Seed {seed}: {string.Join("; ", failures.Take(5))}");
        Assert.Equal(0, silo.Runtime.PendingCallCount);
        Assert.Equal(silo.Runtime.Catalog.Created - silo.Runtime.Catalog.Destroyed, silo.Runtime.Catalog.Count);
    }
}
