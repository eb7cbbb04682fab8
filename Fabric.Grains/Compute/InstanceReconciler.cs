using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Hosting;

namespace Fabric.Grains.Compute;

/// <summary>Finds instances that something is being done to and whose saga was never started, because the process died between the
/// two writes, and has them start it. Runs again anyway, so it never retries.</summary>
internal sealed partial class InstanceReconciler(IResourceIndex index, IGrainFactory grains, TimeProvider clock,
    ILogger<InstanceReconciler> logger)
{
    /// <summary>What changed lately has its saga coming: it is left alone.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>So many instances at most in one run.</summary>
    private const int Most = 1_000;

    /// <summary>Looks once. Returns how many instances it woke.</summary>
    internal async Task<int> Run(CancellationToken ct)
    {
        var oldest = clock.GetUtcNow() - Grace;
        var busy = await index.List<InstanceState>(
            new ResourceQuery(InstanceState.Kind)
            {
                Where = item => ((InstanceState)item).UpdatedAt < oldest,
                Sort = ResourceSort.UpdatedAt,
                Descending = false,
                Paging = new(Most),
            }.WithRef("busy", "true"),
            ct);
        foreach (var instance in busy)
            await grains.GetGrain<IInstanceGrain>(instance.Id).Recover();
        if (busy.Count > 0)
            LogWoken(busy.Count);
        return busy.Count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Looked after {Count} instances that something is being done to for long")]
    private partial void LogWoken(int count);
}

/// <summary>Runs the reconciler from time to time.</summary>
internal sealed class InstanceReconcilerService(
    InstanceReconciler reconciler, TimeProvider clock, ILogger<InstanceReconcilerService> logger)
    : PeriodicWork(TimeSpan.FromSeconds(30), clock, logger)
{
    /// <inheritdoc/>
    public override Task Run(CancellationToken ct) => reconciler.Run(ct);
}
