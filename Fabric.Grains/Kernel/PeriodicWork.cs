using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Kernel;

/// <summary>Work that looks at what is there, again and again, as long as the process runs. A round that fails is logged and changes
/// nothing about the next: whatever stood in its way, a database that was down above all, may be gone by then.</summary>
public abstract partial class PeriodicWork(TimeSpan period, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>One round. Knows no cause; may run on several silos at once.</summary>
    public abstract Task Run(CancellationToken ct);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Run(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogRoundFailed(failure, GetType().Name);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round of {Work} failed; the next one looks at everything again")]
    private partial void LogRoundFailed(Exception failure, string work);
}
