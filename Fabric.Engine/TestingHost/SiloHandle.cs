using Fabric.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>One silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    /// <summary>Its number in the cluster, from 0.</summary>
    public short InstanceNumber { get; set; }

    public string Name { get; set; } = "";

    /// <summary>This life of it.</summary>
    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    /// <summary>It has been started, and neither stopped nor killed.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Stops it: with a hand-over of its grains, or abruptly and without a word to the others.</summary>
    public abstract Task StopSiloAsync(bool stopGracefully);

    /// <summary>Stops it with a hand-over of its grains, until the token cuts that short.</summary>
    public abstract Task StopSiloAsync(CancellationToken ct);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    public virtual ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public override string ToString() => SiloAddress.ToString();

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A silo with a host of its own in this process; it speaks with the others over TCP all the same.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool _active = true;

    /// <summary>The host it runs in.</summary>
    public IHost SiloHost { get; init; } = null!;

    /// <summary>The services of its host.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    public override bool IsActive => _active;

    public override async Task StopSiloAsync(bool stopGracefully)
    {
        if (stopGracefully)
        {
            await StopSiloAsync(CancellationToken.None).ConfigureAwait(false);
            return;
        }

        if (!_active)
            return;
        _active = false;
        ServiceProvider.GetRequiredService<Fabric.Engine.SiloHost>().Kill();
    }

    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (!_active)
            return;
        _active = false;
        await SiloHost.StopAsync(ct).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(true).ConfigureAwait(false);
        Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            SiloHost.Dispose();
    }
}
