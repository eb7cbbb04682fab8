namespace Fabric.Grains.Sagas;

/// <summary>Stands around every step and every undo. Does nothing but go on; tests put one in its place that fails, repeats or
/// interrupts.</summary>
internal class SagaStepHook
{
    /// <summary>Runs the step or the undo.</summary>
    /// <param name="at">Which one.</param>
    /// <param name="act">What it does.</param>
    public virtual Task<T> Around<T>(SagaPoint at, Func<Task<T>> act) => act();
}

/// <summary>One step, or its undo, of one saga.</summary>
internal readonly record struct SagaPoint(string Saga, string SagaId, string Step, bool Undo);

/// <summary>The saga's activation is gone, as in a crash: whoever sees this must do nothing more, not even write to the log.</summary>
internal sealed class SagaInterruptedException() : Exception("The saga was interrupted.");
