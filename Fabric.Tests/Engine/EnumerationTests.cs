using System.Runtime.CompilerServices;

namespace Fabric.Tests.Engine;

public interface ICountingGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int from, int to);

    IAsyncEnumerable<int> CountUntilCancelled(string gate, CancellationToken token = default);

    IAsyncEnumerable<int> Fail(int after);

    Task Leave();
}

public sealed class CountingGrain(Probe probe) : Grain, ICountingGrain
{
    public async IAsyncEnumerable<int> Count(int from, int to)
    {
        for (var number = from; number < to; number++)
        {
            if (number % 10 == 0)
                await Task.Yield();
            yield return number;
        }
    }

    public async IAsyncEnumerable<int> CountUntilCancelled(string gate, [EnumeratorCancellation] CancellationToken token = default)
    {
        try
        {
            yield return 1;
            await probe.Pass(gate).WaitAsync(token);
            yield return 2;
        }
        finally
        {
            probe.Note("enumerator disposed");
        }
    }

    public async IAsyncEnumerable<int> Fail(int after)
    {
        foreach (var number in Enumerable.Range(0, after))
            yield return number;
        await Task.Yield();
        throw new InvalidOperationException("enough");
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class EnumerationTests
{
    [Fact]
    public async Task Elements_come_in_order_and_in_pages()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ICountingGrain>("a");
        Assert.Equal(Enumerable.Range(0, 1_000), await grain.Count(0, 1_000).ToListAsync());
        Assert.Equal(Enumerable.Range(0, 25), await grain.Count(0, 25).WithBatchSize(4).ToListAsync());
        Assert.Empty(await grain.Count(3, 3).ToListAsync());
    }

    [Fact]
    public async Task A_reader_that_stops_early_disposes_the_enumerator_in_the_grain()
    {
        await using var silo = await TestSilo.Start();
        await foreach (var number in silo.Grains.GetGrain<ICountingGrain>("a").CountUntilCancelled("gate"))
        {
            Assert.Equal(1, number);
            break;
        }

        await silo.Probe.Saw("enumerator disposed");
    }

    [Fact]
    public async Task A_slow_enumeration_blocks_no_other_request()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ICountingGrain>("a");
        await using var slow = grain.CountUntilCancelled("gate").GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());
        var second = slow.MoveNextAsync();
        await silo.Probe.Reached("gate");
        Assert.Equal([0, 1, 2], await grain.Count(0, 3).ToListAsync());
        silo.Probe.Open("gate");
        Assert.True(await second);
        Assert.Equal(2, slow.Current);
        Assert.False(await slow.MoveNextAsync());
    }

    [Fact]
    public async Task What_the_enumerator_throws_reaches_the_reader()
    {
        await using var silo = await TestSilo.Start();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await silo.Grains.GetGrain<ICountingGrain>("a").Fail(3).ToListAsync());
        Assert.Equal("enough", failure.Message);
    }

    [Fact]
    public async Task A_reader_is_told_when_the_activation_left_with_its_enumerator()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ICountingGrain>("a");
        await using var reader = grain.Count(0, 1_000).WithBatchSize(2).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        await grain.Leave();
        await silo.Quiet();
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () =>
        {
            while (await reader.MoveNextAsync())
            {
            }
        });
    }
}
