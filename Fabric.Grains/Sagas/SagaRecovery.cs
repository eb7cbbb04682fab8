using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Sagas;

/// <summary>
/// What makes a saga go on after the process that ran it died: when a silo starts, and by a reminder each minute, the sagas that are not
/// over are found by the index and woken. Waking one that runs does nothing.
/// </summary>
internal sealed class SagaRecovery(IGrainFactory grains, SagaShutdown shutdown) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>So many grains share the work, wherever they live.</summary>
    public const int Shards = 4;

    /// <summary>Whose a saga is.</summary>
    public static int ShardOf(string sagaId)
    {
        // FNV-1a: the same in every process, unlike string's own hash.
        var hash = 2166136261u;
        foreach (var letter in sagaId)
            hash = unchecked((hash ^ letter) * 16777619u);
        return (int)(hash % Shards);
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => 
        lifecycle.Subscribe("Fabric.Sagas", ServiceLifecycleStage.Active, Recover, _ => shutdown.Begin());

    private Task Recover(CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => grains.GetGrain<ISagaRecoveryGrain>(shard).Recover()));
}

/// <summary>Tells running sagas that their silo stops. A step may wait for minutes, and an activation goes only when nothing of it runs:
/// so the steps end first. The log says where they go on.</summary>
internal sealed class SagaShutdown : IDisposable
{
    private readonly CancellationTokenSource source = new();

    /// <summary>Fires when the silo begins to stop.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The silo begins to stop.</summary>
    public Task Begin() => source.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}

/// <inheritdoc cref="ISagaRecoveryGrain"/>
internal sealed partial class SagaRecoveryGrain(IResourceIndex index, TimeProvider time, ILogger<SagaRecoveryGrain> logger)
    : Grain, ISagaRecoveryGrain
{
    private const string Reminder = "recover";

    /// <summary>A saga that moved within this time has somebody who runs it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private const int PageSize = 500;

    /// <inheritdoc/>
    public async Task Recover()
    {
        await this.RegisterOrUpdateReminder(Reminder, Patience, Patience);
        await WakeAll(null);
    }

    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status) => WakeAll(time.GetUtcNow() - Patience);

    /// <summary>Null: all, whatever the clock was when they moved.</summary>
    private async Task WakeAll(DateTimeOffset? unchangedSince)
    {
        var active = new ResourceQuery(SagaLog.Kind)
        {
            Statuses = [nameof(SagaStatus.Running), nameof(SagaStatus.Unwinding)],
            UnchangedSince = unchangedSince,
        };
        foreach (var page in (await index.ListIds(active, CancellationToken.None)).Chunk(PageSize))
            await Task.WhenAll(page.Where(id => SagaRecovery.ShardOf(id) == this.GetPrimaryKeyLong()).Select(Wake));
    }

    private async Task Wake(string sagaId)
    {
        try
        {
            await GrainFactory.GetGrain<ISagaGrain>(sagaId).Wake();
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException or InvalidOperationException)
        {
            // The next round comes in a minute; the others must not wait for this one.
            LogNotWoken(failure, sagaId);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The saga {SagaId} could not be woken")]
    private partial void LogNotWoken(Exception failure, string sagaId);
}
