namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>
/// A connection that is opened when it is needed and opened anew when libvirtd was restarted. libvirt's calls block, so each runs on a
/// thread of the pool, and only so many at once that the pool has threads left.
/// </summary>
internal sealed class LibvirtSession(string uri) : IDisposable
{
    private const int AtOnce = 8;

    private readonly SemaphoreSlim slots = new(AtOnce, AtOnce);
    private readonly Lock opening = new();
    private LibvirtConnection? connection;

    /// <summary>A guest came, went or changed. On libvirt's own thread: be quick.</summary>
    public event Action<Guid>? Changed;

    /// <summary>Runs something on an open connection.</summary>
    public async Task<T> Run<T>(Func<LibvirtConnection, T> run, CancellationToken ct)
    {
        await slots.WaitAsync(ct);
        try
        {
            return await Task.Run(() => run(Open()), ct);
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>Runs something on an open connection.</summary>
    public Task Run(Action<LibvirtConnection> run, CancellationToken ct) => Run(
        open =>
        {
            run(open);
            return true;
        },
        ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (opening)
            connection?.Dispose();
        slots.Dispose();
    }

    private LibvirtConnection Open()
    {
        lock (opening)
        {
            if (connection is { IsAlive: true })
                return connection;
            // Calls that still run on the broken one keep its handle until they have failed.
            connection?.Dispose();
            connection = null;
            return connection = LibvirtConnection.Open(uri, uuid => Changed?.Invoke(uuid));
        }
    }
}
