using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Fabric.Grains.Sagas;

/// <summary>
/// One saga. The steps run in a timer of the activation, so that starting one returns at once, and interleave with requests, so that its
/// status can be asked for meanwhile. Whatever ends the activation ends the steps; the log says where the next activation goes on.
/// </summary>
// Kept for a while after the end: a late second Start with the same id must find that the saga is over.
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class SagaGrain(
    [PersistentState(SagaLog.Kind)] IPersistentState<SagaLog> record,
    SagaCatalog catalog,
    SagaShutdown shutdown,
    TimeProvider time,
    ILogger<SagaGrain> logger) : Grain, ISagaGrain, ISagaLog
{
    private IGrainTimer? timer;
    private SagaStatus? ended;

    // What is durable: the record in memory is ahead of it while a write is under way.
    private SagaStatus? status;

    string ISagaLog.Id => this.GetPrimaryKeyString();

    SagaLog ISagaLog.Entry => record.State;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        status = record.RecordExists ? record.State.Status : null;
        return Wake();
    }

    /// <inheritdoc/>
    public async Task Start(string saga, string value, string? traceParent)
    {
        if (ended is not null || record.RecordExists)
            return;
        // Asked for before anything is written: a saga that nobody can run must not be promised.
        _ = catalog[saga];
        var now = time.GetUtcNow();
        record.State = new() { Saga = saga, Value = value, TraceParent = traceParent, StartedAt = now, MovedAt = now };
        await record.WriteStateAsync();
        status = SagaStatus.Running;
        await Wake();
    }

    /// <inheritdoc/>
    public Task<SagaStatus?> Status() => Task.FromResult(status);

    /// <inheritdoc/>
    public Task Wake()
    {
        if (timer is null && record.RecordExists && record.State.IsActive)
        {
            var options = new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true };
            timer = this.RegisterGrainTimer(Run, options);
        }

        return Task.CompletedTask;
    }

    async Task ISagaLog.Write(SagaLog entry)
    {
        record.State = entry;
        await record.WriteStateAsync();
        status = entry.Status;
    }

    async Task ISagaLog.Clear()
    {
        // Set before the row goes: a Start that interleaves must not find neither.
        ended = record.State.Status == SagaStatus.Running ? SagaStatus.Done : SagaStatus.Unwound;
        await record.ClearStateAsync();
        status = ended;
        record.State = new() { Status = ended.Value };
    }

    private async Task Run(CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, shutdown.Token);
        try
        {
            await catalog[record.State.Saga].Runner(ServiceProvider).Run(this, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The activation goes; its successor reads the log.
        }
        catch (Exception failure)
        {
            // What is in memory may not be what is in the log. The next activation, woken by the recovery at the latest, reads it anew.
            if (failure is not InconsistentStateException)
                LogInterrupted(failure, record.State.Saga, this.GetPrimaryKeyString());
            DeactivateOnIdle();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Saga} {SagaId} was interrupted; it goes on when it is woken")]
    private partial void LogInterrupted(Exception failure, string saga, string sagaId);
}
