using System.Runtime.CompilerServices;
using Orleans.Concurrency;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>What a counter keeps. Immutable, as a store in memory keeps the very object.</summary>
[GenerateSerializer]
[Immutable]
public sealed record CounterState
{
    [Id(0)]
    public int Value { get; init; }
}

/// <summary>Hears of a counter's changes.</summary>
public interface ICounterObserver : IGrainObserver
{
    /// <summary>The counter has this value now.</summary>
    void Changed(int value);
}

/// <summary>A grain that says where it lives, counts durably, and misbehaves when told to.</summary>
public interface IClusterGrain : IGrainWithStringKey
{
    /// <summary>The silo it lives on.</summary>
    Task<string> Silo();

    /// <summary>Adds one durably; gives the new value.</summary>
    Task<int> Add();

    /// <summary>Notes that it runs, and waits at a gate of the test's.</summary>
    Task<string> Pass(string gate);

    /// <summary>As <see cref="Pass"/>, and keeps the thread meanwhile.</summary>
    Task HoldThread(string gate);

    /// <summary>As <see cref="Pass"/>, then adds one durably.</summary>
    Task<int> PassAndAdd(string gate);

    /// <summary>Throws.</summary>
    Task Fail(string message);

    /// <summary>Waits until cancelled, and notes it.</summary>
    Task WaitForCancellation(CancellationToken token);

    /// <summary>Notes something, for nobody who waits.</summary>
    [OneWay]
    Task Note(string what);

    /// <summary>Counts to a number.</summary>
    IAsyncEnumerable<int> Count(int to, CancellationToken token = default);

    /// <summary>Adds an observer.</summary>
    Task Watch(ICounterObserver observer);

    /// <summary>What the request context has under this key.</summary>
    Task<string?> Context(string key);

    /// <summary>Calls <see cref="Pass"/> of another grain.</summary>
    Task<string> PassOther(string other, string gate);

    /// <summary>As <see cref="PassOther"/>, with little time.</summary>
    [ResponseTimeout("00:00:00.500")]
    Task<string> PassOtherSoon(string other, string gate);

    /// <summary>The trace that the call belongs to.</summary>
    Task<string?> Trace();

    /// <summary>Calls another grain, which calls this one back.</summary>
    Task<string> ThereAndBack(string other);

    /// <summary>Calls a grain back.</summary>
    Task<string> CallBack(string caller);
}

/// <inheritdoc cref="IClusterGrain"/>
public sealed class ClusterGrain([PersistentState("counter")] IPersistentState<CounterState> counter, Probe probe)
    : Grain, IClusterGrain
{
    private readonly List<ICounterObserver> _observers = [];

    public Task<string> Silo() => Task.FromResult(RuntimeIdentity);

    public async Task<int> Add()
    {
        counter.State = counter.State with { Value = counter.State.Value + 1 };
        await counter.WriteStateAsync();
        foreach (var observer in _observers)
            observer.Changed(counter.State.Value);
        return counter.State.Value;
    }

    public async Task<string> Pass(string gate)
    {
        await probe.Pass(gate);
        return RuntimeIdentity;
    }

    public Task HoldThread(string gate)
    {
        probe.Pass(gate).Wait();
        return Task.CompletedTask;
    }

    public async Task<int> PassAndAdd(string gate)
    {
        await probe.Pass(gate);
        return await Add();
    }

    public Task Fail(string message) => throw new InvalidOperationException(message);

    public async Task WaitForCancellation(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        using var registration = token.Register(cancelled.SetResult);
        probe.Note($"{this.GetPrimaryKeyString()} waits");
        await cancelled.Task;
        probe.Note($"{this.GetPrimaryKeyString()} was cancelled");
        token.ThrowIfCancellationRequested();
    }

    public Task Note(string what)
    {
        probe.Note(what);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<int> Count(int to, [EnumeratorCancellation] CancellationToken token = default)
    {
        for (var number = 1; number <= to; number++)
        {
            token.ThrowIfCancellationRequested();
            yield return number;
            if (number % 10 == 0)
                await Task.Yield();
        }
    }

    public Task Watch(ICounterObserver observer)
    {
        _observers.Add(observer);
        return Task.CompletedTask;
    }

    public Task<string?> Context(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public Task<string> PassOther(string other, string gate) => GrainFactory.GetGrain<IClusterGrain>(other).Pass(gate);

    public async Task<string> PassOtherSoon(string other, string gate)
    {
        try
        {
            return await GrainFactory.GetGrain<IClusterGrain>(other).Pass(gate);
        }
        catch (TimeoutException)
        {
            probe.Note($"{this.GetPrimaryKeyString()} gave up");
            throw;
        }
    }

    public Task<string?> Trace() => Task.FromResult(System.Diagnostics.Activity.Current?.TraceId.ToString());

    public async Task<string> ThereAndBack(string other)
    {
        using var section = RequestContext.AllowCallChainReentrancy();
        return await GrainFactory.GetGrain<IClusterGrain>(other).CallBack(this.GetPrimaryKeyString());
    }

    public Task<string> CallBack(string caller) => GrainFactory.GetGrain<IClusterGrain>(caller).Silo();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Note($"{this.GetPrimaryKeyString()} begins on {RuntimeIdentity}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Note($"{this.GetPrimaryKeyString()} ends on {RuntimeIdentity}");
        return Task.CompletedTask;
    }
}
