using System.Diagnostics;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Sagas;

/// <summary>Takes a saga from where its log says to its end.</summary>
internal interface ISagaRunner
{
    /// <summary>Runs to the end, or until cancelled. Throws when the log can't be written; then another activation goes on later.</summary>
    Task<SagaStatus> Run(ISagaLog log, CancellationToken ct);
}

/// <summary>
/// The saga's rules, apart from where they run. One write stands between two steps: the value and the number of the next step go into the
/// log before that step begins, so a step that was followed by another never runs again, and the one that was running when the process
/// died runs again. Guards cost no write: until the next step ended, the log still points at the guard. The last step costs none either:
/// the log is cleared instead.
/// </summary>
internal sealed partial class SagaRunner<T> : ISagaRunner
    where T : class
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(10);

    private readonly Saga<T> saga;
    private readonly SagaStepHook hook;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly string name;
    private readonly IReadOnlyList<SagaStep<T>> steps;

    public SagaRunner(Saga<T> saga, SagaStepHook hook, TimeProvider time, ILogger logger)
    {
        this.saga = saga;
        this.hook = hook;
        this.time = time;
        this.logger = logger;
        name = saga.GetType().Name;
        var defined = new Steps<T>();
        saga.Define(defined);
        steps = defined.All;
    }

    /// <inheritdoc/>
    public async Task<SagaStatus> Run(ISagaLog log, CancellationToken ct)
    {
        var value = JsonSerializer.Deserialize<T>(log.Entry.Value, RecordJson.Options)!;
        if (log.Entry.Status == SagaStatus.Running)
            value = await Forward(log, value, ct);
        if (log.Entry.Status == SagaStatus.Unwinding)
            await Backward(log, value, ct);
        if (log.Entry.IsActive)
            throw new UnreachableException($"The saga {log.Id} ended while it is {log.Entry.Status}.");
        SagaMetrics.Finished(name, log.Entry.Status, log.Entry.StartedAt, time);
        return log.Entry.Status;
    }

    private async Task<T> Forward(ISagaLog log, T value, CancellationToken ct)
    {
        for (var i = log.Entry.Next; i < steps.Count; i++)
        {
            var step = steps[i];
            if (step.Do is null)
                continue;
            try
            {
                value = await Persist(log, step.Name, undo: false, () => step.Do(value, ct), ct);
            }
            catch (Exception failure) when (!IsInterruption(failure, ct))
            {
                LogStepFailed(failure, name, log.Id, step.Name);
                await Move(log, log.Entry with { Status = SagaStatus.Unwinding, Next = i, Failure = Describe(step.Name, failure) });
                return value;
            }

            if (i + 1 < steps.Count)
                await Move(log, log.Entry with { Next = i + 1, Value = JsonSerializer.Serialize(value, RecordJson.Options) });
        }

        await End(log, SagaStatus.Done);
        return value;
    }

    private async Task Backward(ISagaLog log, T value, CancellationToken ct)
    {
        var failure = log.Entry.Failure!;
        for (var i = log.Entry.Next - 1; i >= 0; i--)
        {
            if (steps[i].Undo is not { } undo)
                continue;
            if (!await TryUndo(log, value, steps[i].Name, () => undo(value, ct), ct))
                return;
            if (i > 0)
                await Move(log, log.Entry with { Next = i });
        }

        if (await TryUndo(log, value, "unwound", () => saga.Unwound(value, failure, ct), ct))
            await End(log, SagaStatus.Unwound);
    }

    /// <summary>False when it could not be done: then the saga is stuck.</summary>
    private async Task<bool> TryUndo(ISagaLog log, T value, string step, Func<Task> undo, CancellationToken ct)
    {
        try
        {
            await Persist(log, step, undo: true, () => Done(undo), ct);
            return true;
        }
        catch (Exception failure) when (!IsInterruption(failure, ct))
        {
            LogStuck(failure, name, log.Id, step);
            await GetStuck(log, value, Describe(step, failure), ct);
            return false;
        }
    }

    private async Task GetStuck(ISagaLog log, T value, SagaFailure failure, CancellationToken ct)
    {
        try
        {
            // Told before it is written: a crash in between repeats the undo, fails again, and tells again.
            await Persist(log, "stuck", undo: true, () => Done(() => saga.Stuck(value, failure, ct)), ct);
        }
        catch (Exception untold) when (!IsInterruption(untold, ct))
        {
            // The log keeps the saga as stuck all the same: that is what an operator looks for.
            LogStuck(untold, name, log.Id, "stuck");
        }

        await Move(log, log.Entry with { Status = SagaStatus.Stuck, StuckBecause = failure });
    }

    /// <summary>Tries until it works, the failure is one that stays, or the saga's patience is over.</summary>
    private async Task<TResult> Persist<TResult>(ISagaLog log, string step, bool undo, Func<Task<TResult>> act, CancellationToken ct)
    {
        using var span = SagaMetrics.Begin(name, step, undo, log);
        var began = time.GetTimestamp();
        for (var delay = FirstDelay; ; delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay)
        {
            try
            {
                var result = await hook.Around(new(name, log.Id, step, undo), act);
                SagaMetrics.Stepped(name, step, undo, time.GetElapsedTime(began));
                return result;
            }
            catch (Exception failure) when (MayPass(failure, ct)
                && time.GetElapsedTime(began) + delay < (undo ? saga.RetryFor : saga.RetryStepFor(failure)))
            {
                LogRetry(failure, name, log.Id, step, delay);
            }
            catch (Exception failure)
            {
                span?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
                throw;
            }

            await Task.Delay(delay, time, ct);
        }
    }

    private async Task Move(ISagaLog log, SagaLog entry) => await log.Write(entry with { MovedAt = time.GetUtcNow() });

    private async Task End(ISagaLog log, SagaStatus status)
    {
        await log.Clear();
        LogEnded(name, log.Id, status);
    }

    private static async Task<bool> Done(Func<Task> act)
    {
        await act();
        return true;
    }

    /// <summary>A fault stays, but for a dependency that is down; anything else may be gone the next time.</summary>
    private static bool MayPass(Exception failure, CancellationToken ct) =>
        !IsInterruption(failure, ct) && failure is not Fault { Kind: not FaultKind.Unavailable };

    private static bool IsInterruption(Exception failure, CancellationToken ct) =>
        failure is SagaInterruptedException || (failure is OperationCanceledException && ct.IsCancellationRequested);

    private static SagaFailure Describe(string step, Exception failure) => failure is Fault fault
        ? new(step, fault.Type, fault.Message, fault.Kind == FaultKind.Unavailable)
        : new(step, failure.GetType().Name, $"The step {step} did not succeed in time.", MayPass: true);
}
