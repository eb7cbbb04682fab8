using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// Lets one application of wanted state run at a time, always of the newest state that anyone asked for. Because state is sent whole, a
/// storm of a thousand changes needs as many applications as fit one after another into its duration, not a thousand.
/// </summary>
internal sealed class ApplyQueue : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _lock = new();
    private DesiredNetworking? _newest;
    private long _started;
    private long _succeeded;

    /// <summary>The newest state that was applied completely.</summary>
    internal DesiredNetworking? Applied { get; private set; }

    /// <summary>Runs <paramref name="apply"/> on the newest state, unless another caller's run that began after this call has done so.
    /// </summary>
    internal async Task Apply(DesiredNetworking wanted, Func<DesiredNetworking, CancellationToken, Task> apply, CancellationToken ct)
    {
        long before;
        lock (_lock)
        {
            before = _started;
            if (_newest is null || wanted.Generation >= _newest.Generation)
                _newest = wanted;
        }

        await _gate.WaitAsync(ct);
        try
        {
            DesiredNetworking target;
            lock (_lock)
            {
                // A run that began after this call saw this state or a newer one; an earlier run may not have.
                if (_succeeded > before || Applied is not null && wanted.Generation < Applied.Generation)
                    return;

                _started++;
                target = _newest!;
            }

            await apply(target, ct);
            lock (_lock)
            {
                _succeeded = _started;
                Applied = target;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs something else while nothing is applied.</summary>
    internal async Task<T> Exclusively<T>(Func<Task<T>> act, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            return await act();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets what was applied: the next application may be of any generation.</summary>
    internal void Forget()
    {
        lock (_lock)
        {
            _newest = null;
            Applied = null;
        }
    }

    public void Dispose() => _gate.Dispose();
}
