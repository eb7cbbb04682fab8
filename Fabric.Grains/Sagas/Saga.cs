namespace Fabric.Grains.Sagas;

/// <summary>
/// Work of several steps that must come to a good end, whatever dies meanwhile. A saga is defined by its steps; its grain keeps a durable
/// log. A step runs at least once; when the next one began, it never runs again; any failure unwinds what was done, last first. A saga
/// rests only as done, unwound or stuck. So steps and undos are idempotent, and what a step makes up (ids, choices) it returns with the
/// value, which is logged.
/// </summary>
/// <typeparam name="T">What the saga works on: an immutable record, serialised into the log after each step.</typeparam>
public abstract class Saga<T>
    where T : class
{
    /// <summary>Lists the steps, in order.</summary>
    public abstract void Define(Steps<T> steps);

    /// <summary>How long a step, or an undo, is tried again after errors that may pass. A <see cref="Kernel.Fault"/> stays, and is not
    /// tried again, unless it says that a dependency is unavailable.</summary>
    public virtual TimeSpan RetryFor => TimeSpan.FromSeconds(60);

    /// <summary>How long a step is tried again after this error, for a saga that knows errors that are better met otherwise than by
    /// patience.</summary>
    public virtual TimeSpan RetryStepFor(Exception failure) => RetryFor;

    /// <summary>Called, at least once, after everything was undone: the place to tell the resource that it failed, and why.</summary>
    public virtual Task Unwound(T value, SagaFailure failure, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Called, at least once, when an undo could not finish: the resource must show an error for an operator to see.</summary>
    public virtual Task Stuck(T value, SagaFailure failure, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>Why a saga did not go through.</summary>
/// <param name="Step">The step that failed.</param>
/// <param name="Type">The fault's type, or the exception's.</param>
/// <param name="Message">For a <see cref="Kernel.Fault"/> its message; otherwise a sentence without internals.</param>
/// <param name="MayPass">The error was of the kind that is tried again, and patience ended: elsewhere the same may work.</param>
[GenerateSerializer, Immutable, Alias("sagas.failure")]
public sealed record SagaFailure(
    [property: Id(0)] string Step,
    [property: Id(1)] string Type,
    [property: Id(2)] string Message,
    [property: Id(3)] bool MayPass = false);

/// <summary>One named step.</summary>
public sealed record SagaStep<T>(string Name, Func<T, CancellationToken, Task<T>>? Do, Func<T, CancellationToken, Task>? Undo);

/// <summary>Collects a saga's steps.</summary>
public sealed class Steps<T>
    where T : class
{
    private readonly List<SagaStep<T>> steps = [];

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<SagaStep<T>> All => steps;

    /// <summary>A step that changes the world but not the value.</summary>
    public Steps<T> Step(string name, Func<T, CancellationToken, Task> run, Func<T, CancellationToken, Task>? undo = null) =>
        Add(new(name, async (value, ct) =>
        {
            await run(value, ct);
            return value;
        }, undo));

    /// <summary>A step that adds to the value what it chose or made; the new value is durable before the next step begins.</summary>
    public Steps<T> Step(string name, Func<T, CancellationToken, Task<T>> run, Func<T, CancellationToken, Task>? undo = null) =>
        Add(new(name, run, undo));

    /// <summary>Only an undo: stands before a step that can half-succeed.</summary>
    public Steps<T> Guard(string name, Func<T, CancellationToken, Task> undo) => Add(new(name, null, undo));

    private Steps<T> Add(SagaStep<T> step)
    {
        if (steps.Any(other => other.Name == step.Name))
            throw new InvalidOperationException($"The step '{step.Name}' is defined twice.");
        steps.Add(step);
        return this;
    }
}

/// <summary>Starts sagas.</summary>
public interface ISagas
{
    /// <summary>Starts a saga, durably: when this returns, it will come to an end whatever dies. The same id again is the same saga:
    /// nothing new starts. The caller does not wait for the steps.</summary>
    /// <param name="id">Unique per piece of work, and derived from it (resource id and generation), so that a retry finds the
    /// first.</param>
    /// <param name="value">What it works on.</param>
    Task Start<TSaga, T>(string id, T value)
        where TSaga : Saga<T>
        where T : class;

    /// <summary>Where a saga stands; null when it is not known (never started, or done and cleared).</summary>
    Task<SagaStatus?> Status(string id);
}

/// <summary>Where a saga stands.</summary>
public enum SagaStatus
{
    Running,
    Unwinding,
    Done,
    Unwound,
    Stuck,
}
