using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Storage;

/// <summary>Keeps the outbox from growing for ever.</summary>
internal sealed partial class OutboxRetention(IOutbox outbox, TimeProvider time, ILogger<OutboxRetention> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await outbox.Prune(stoppingToken))
                    stoppingToken.ThrowIfCancellationRequested();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // The next round tries again; nothing but disk space depends on it.
                LogPruneFailed(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Removing old events failed")]
    private partial void LogPruneFailed(Exception failure);
}
