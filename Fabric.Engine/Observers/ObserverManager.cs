using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Utilities;

/// <summary>A grain's list of observers. They drop out when they fail or do not subscribe again in time.</summary>
public class ObserverManager<TObserver>(TimeSpan expiration, ILogger log) : ObserverManager<TObserver, TObserver>(expiration, log)
    where TObserver : notnull;

/// <summary>A grain's list of observers under keys of its own.</summary>
public class ObserverManager<TIdentity, TObserver>(TimeSpan expiration, ILogger log) where TIdentity : notnull
{
    private readonly ConcurrentDictionary<TIdentity, Entry> _observers = [];

    /// <summary>The clock; a grain gives the silo's.</summary>
    public Func<DateTime> GetDateTime { get; set; } = static () => DateTime.UtcNow;

    /// <summary>How long an observer stays after it subscribed last.</summary>
    public TimeSpan ExpirationDuration { get; set; } = expiration;

    public int Count => _observers.Count;

    public IDictionary<TIdentity, TObserver> Observers => _observers.ToDictionary(each => each.Key, each => each.Value.Observer);

    public void Clear() => _observers.Clear();

    /// <summary>Adds an observer, or extends its time.</summary>
    public void Subscribe(TIdentity id, TObserver observer) => _observers[id] = new Entry(observer, GetDateTime());

    public void Unsubscribe(TIdentity id) => _observers.TryRemove(id, out _);

    /// <summary>Calls all observers; those that fail are dropped.</summary>
    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, entry) in Current(predicate))
        {
            try
            {
                await notification(entry.Observer);
            }
            catch (Exception failure)
            {
                Drop(id, failure);
            }
        }
    }

    /// <summary>Calls all observers; those that fail are dropped.</summary>
    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, entry) in Current(predicate))
        {
            try
            {
                notification(entry.Observer);
            }
            catch (Exception failure)
            {
                Drop(id, failure);
            }
        }
    }

    public void ClearExpired()
    {
        var limit = GetDateTime() - ExpirationDuration;
        foreach (var each in _observers.Where(each => each.Value.LastSeen < limit))
            _observers.TryRemove(each);
    }

    private List<KeyValuePair<TIdentity, Entry>> Current(Func<TObserver, bool>? predicate)
    {
        ClearExpired();
        return [.. _observers.Where(each => predicate is null || predicate(each.Value.Observer))];
    }

    private void Drop(TIdentity id, Exception failure)
    {
        _observers.TryRemove(id, out _);
        log.ObserverDropped(failure, id.ToString()!);
    }

    private sealed record Entry(TObserver Observer, DateTime LastSeen);
}

internal static partial class ObserverManagerLog
{
    [LoggerMessage(1, LogLevel.Warning, "Observer {Observer} failed and is dropped")]
    internal static partial void ObserverDropped(this ILogger log, Exception failure, string observer);
}
