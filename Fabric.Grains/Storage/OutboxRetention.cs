using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Storage;

/// <summary>Keeps the outbox from growing for ever.</summary>
internal sealed class OutboxRetention(IOutbox outbox, TimeProvider time, ILogger<OutboxRetention> logger)
    : PeriodicWork(TimeSpan.FromMinutes(1), time, logger)
{
    /// <inheritdoc/>
    public override async Task Run(CancellationToken ct)
    {
        while (await outbox.Prune(ct))
            ct.ThrowIfCancellationRequested();
    }
}
