using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Ends activations that had no request for their collection age. It looks at all of them once per quantum.</summary>
internal sealed class IdleCollector(SiloRuntime silo, TimeSpan defaultAge) : IDisposable
{
    private ITimer? _timer;

    internal void Start(TimeSpan quantum) =>
        _timer = silo.Clock.Time.CreateTimer(static state => ((IdleCollector)state!).Collect(null), this, quantum, quantum);

    /// <summary>Ends what is idle for the given age, or for its class's own.</summary>
    internal int Collect(TimeSpan? age)
    {
        var now = silo.Clock.Now;
        var collected = 0;
        foreach (var activation in silo.Catalog.All)
        {
            if (activation.Class.KeepAlive)
                continue;
            var limit = age ?? activation.Class.CollectionAge ?? defaultAge;
            if (limit != TimeSpan.MaxValue && activation.CollectIfIdle(now, (long)limit.TotalMilliseconds))
                collected++;
        }

        return collected;
    }

    public void Dispose() => _timer?.Dispose();
}
