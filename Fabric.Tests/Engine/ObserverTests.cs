using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Utilities;

namespace Fabric.Tests.Engine;

public interface INewsObserver : IGrainObserver
{
    void Tell(string news);

    Task<int> Ask(int number);
}

public interface INewsGrain : IGrainWithStringKey
{
    Task Subscribe(INewsObserver observer);

    Task Publish(string news);

    Task<int> Ask(int number);
}

public sealed class NewsGrain : Grain, INewsGrain
{
    private readonly List<INewsObserver> _observers = [];

    public Task Subscribe(INewsObserver observer)
    {
        _observers.Add(observer);
        return Task.CompletedTask;
    }

    public Task Publish(string news)
    {
        _observers.ForEach(observer => observer.Tell(news));
        return Task.CompletedTask;
    }

    public Task<int> Ask(int number) => _observers[0].Ask(number);
}

public sealed class ObserverTests
{
    private sealed class Reader(Probe probe) : INewsObserver
    {
        public void Tell(string news) => probe.Note(news);

        public Task<int> Ask(int number) => Task.FromResult(number * 2);
    }

    [Fact]
    public async Task A_grain_calls_back_an_object_outside_in_the_order_of_its_calls()
    {
        await using var silo = await TestSilo.Start();
        var reader = new Reader(silo.Probe);
        var grain = silo.Grains.GetGrain<INewsGrain>("a");
        await grain.Subscribe(silo.Grains.CreateObjectReference<INewsObserver>(reader));
        foreach (var number in Enumerable.Range(0, 100))
            await grain.Publish($"{number}");
        await silo.Probe.Saw("99");
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), silo.Probe.Log);
        Assert.Equal(14, await grain.Ask(7));
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task A_deleted_observer_is_not_called_and_who_awaits_it_is_told()
    {
        await using var silo = await TestSilo.Start();
        var reader = new Reader(silo.Probe);
        var reference = silo.Grains.CreateObjectReference<INewsObserver>(reader);
        var grain = silo.Grains.GetGrain<INewsGrain>("a");
        await grain.Subscribe(reference);
        silo.Grains.DeleteObjectReference<INewsObserver>(reference);
        await grain.Publish("nobody hears");
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => grain.Ask(7));
        Assert.Empty(silo.Probe.Log);
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task An_observer_manager_drops_who_fails_and_who_does_not_subscribe_again_in_time()
    {
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var manager = new ObserverManager<string>(TimeSpan.FromMinutes(5), NullLogger.Instance) { GetDateTime = () => now };
        manager.Subscribe("good", "good");
        manager.Subscribe("bad", "bad");
        var told = new List<string>();
        await manager.Notify(name =>
        {
            told.Add(name);
            return name == "bad" ? throw new InvalidOperationException("gone") : Task.CompletedTask;
        });
        Assert.Equal(["bad", "good"], told.Order());
        Assert.Equal(1, manager.Count);
        now += TimeSpan.FromMinutes(4);
        manager.Subscribe("good", "good");
        now += TimeSpan.FromMinutes(4);
        manager.ClearExpired();
        Assert.Equal(1, manager.Count);
        now += TimeSpan.FromMinutes(2);
        manager.Notify(_ => Assert.Fail("It expired."));
        Assert.Equal(0, manager.Count);
    }
}
