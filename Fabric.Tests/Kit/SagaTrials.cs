using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Kit;

/// <summary>
/// Proves a saga against everything that can come between its steps. For each step: it fails; it runs twice; the activation dies after
/// it. For each undo: it runs twice; the activation dies after it. After each of these trials the saga must have come to its end, and
/// nothing may be left.
/// </summary>
internal sealed class SagaTrials(Cloud cloud)
{
    private readonly TrialHook hook = new();

    /// <summary>What the silo asks at each step.</summary>
    public SagaStepHook Hook => hook;

    /// <summary>Runs all trials.</summary>
    /// <param name="arrange">Does what starts one saga of this class.</param>
    /// <param name="cleanSlate">Asserts that nothing is left: rows, allocations, ports, guests.</param>
    /// <param name="remove">Takes away what a saga that went through has rightly made, or the resource in error that an unwound one
    /// leaves.</param>
    public async Task Exhaust<TSaga, T>(Func<Task> arrange, Func<Task> cleanSlate, Func<Task>? remove = null)
        where TSaga : Saga<T>
        where T : class
    {
        var defined = new Steps<T>();
        cloud.Services.GetRequiredService<TSaga>().Define(defined);
        var trials = Trials(defined.All).ToList();
        Assert.NotEmpty(trials);
        foreach (var trial in trials)
            await Run(typeof(TSaga).Name, trial, arrange, cleanSlate, remove);
    }

    private static IEnumerable<Trial> Trials<T>(IReadOnlyList<SagaStep<T>> steps)
    {
        var last = steps.Last(static step => step.Do is not null).Name;
        foreach (var step in steps.Where(static step => step.Do is not null))
        {
            yield return new(step.Name, Undo: false, Mishap.Fail, SagaStatus.Unwound);
            yield return new(step.Name, Undo: false, Mishap.Twice, SagaStatus.Done);
            yield return new(step.Name, Undo: false, Mishap.Crash, SagaStatus.Done);
        }

        // The undo of the last step never runs: nothing after it can fail.
        foreach (var step in steps.TakeWhile(step => step.Name != last).Where(static step => step.Undo is not null))
        {
            yield return new(step.Name, Undo: true, Mishap.Twice, SagaStatus.Unwound, Fails: last);
            yield return new(step.Name, Undo: true, Mishap.Crash, SagaStatus.Unwound, Fails: last);
        }
    }

    private async Task Run(string saga, Trial trial, Func<Task> arrange, Func<Task> cleanSlate, Func<Task>? remove)
    {
        hook.Begin(saga, trial);
        try
        {
            await arrange();
            await Eventually.True(() => hook.SagaId is not null, $"{trial}: a {saga} starts");
            await Eventually.True(() => IsOver(hook.SagaId!), $"{trial}: the saga comes to its end", TimeSpan.FromSeconds(60));
            Assert.True(hook.Happened, $"{trial}: it never came to that");
        }
        finally
        {
            hook.End();
        }

        if (trial.End == SagaStatus.Unwound)
            await Check(trial, cleanSlate);
        if (remove is not null)
            await remove();
        await Check(trial, cleanSlate);
    }

    private async Task<bool> IsOver(string sagaId)
    {
        var grain = cloud.Grains.GetGrain<ISagaGrain>(sagaId);
        // After a crash nobody runs it: this is what the reminder does, sooner.
        await grain.Wake();
        var status = await grain.Status();
        Assert.NotEqual(SagaStatus.Stuck, status);
        return status is null or SagaStatus.Done or SagaStatus.Unwound;
    }

    private static async Task Check(Trial trial, Func<Task> cleanSlate)
    {
        try
        {
            await cleanSlate();
        }
        catch (Xunit.Sdk.XunitException failure)
        {
            throw new Xunit.Sdk.XunitException($"{trial}: {failure.Message}", failure);
        }
    }

    private enum Mishap
    {
        Fail,
        Twice,
        Crash,
    }

    private sealed record Trial(string Step, bool Undo, Mishap Mishap, SagaStatus End, string? Fails = null)
    {
        public override string ToString() => $"{(Undo ? "undo of " : "")}{Step}, {Mishap.ToString().ToLowerInvariant()}";
    }

    /// <summary>Makes the trial's mishap happen, once.</summary>
    private sealed class TrialHook : SagaStepHook
    {
        private readonly Lock gate = new();
        private string? saga;
        private Trial? trial;

        public string? SagaId { get; private set; }

        public bool Happened { get; private set; }

        public void Begin(string name, Trial next)
        {
            lock (gate)
                (saga, trial, SagaId, Happened) = (name, next, null, false);
        }

        public void End()
        {
            lock (gate)
                trial = null;
        }

        public override async Task<T> Around<T>(SagaPoint at, Func<Task<T>> act)
        {
            if (Plan(at) is not { } mishap)
                return await act();
            if (mishap == Mishap.Fail)
                throw Fault.Conflict("Trial", $"The step {at.Step} fails on trial.");
            var result = await act();
            return mishap == Mishap.Twice ? await act() : throw new SagaInterruptedException();
        }

        private Mishap? Plan(SagaPoint at)
        {
            lock (gate)
            {
                if (trial is null || at.Saga != saga || (SagaId ?? at.SagaId) != at.SagaId)
                    return null;
                SagaId = at.SagaId;
                if (!at.Undo && at.Step == trial.Fails)
                    return Mishap.Fail;
                if (Happened || at.Step != trial.Step || at.Undo != trial.Undo)
                    return null;
                Happened = true;
                return trial.Mishap;
            }
        }
    }
}
