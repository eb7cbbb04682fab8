using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// One call: the message. Generated code derives a class per method with a typed field per argument, so that neither sending nor
/// running a call boxes or reflects. The same object is the envelope (who to whom, until when, in which context), the arguments, and
/// the promise that the caller awaits: inside a process a call costs this object and its task, nothing is copied.
/// It is answered once: by its result, a rejection, the deadline or the caller's cancellation, whichever comes first; later answers
/// fall on deaf ears. A message is never pooled, because after a timeout the caller is gone while the callee still runs with it.
/// </summary>
public abstract partial class GrainRequest : IInvokable
{
    /// <summary>The method that is called.</summary>
    public abstract GrainMethod Method { get; }

    internal GrainReference Target { get; set; } = null!;

    internal GrainId TargetId => Target.GrainId;

    /// <summary>The activation whose code made the call; null when it came from outside of grains.</summary>
    internal IGrainContext? Source { get; set; }

    /// <summary>The request context as it was when the call was made.</summary>
    internal ImmutableDictionary<string, object>? Headers { get; set; }

    /// <summary>The caller's span.</summary>
    internal Activity? ParentActivity { get; set; }

    /// <summary>The callee's span, while it runs.</summary>
    internal Activity? Activity { get; set; }

    /// <summary>When the caller stops waiting, on the engine's clock; long.MaxValue for never.</summary>
    internal long Deadline { get; set; } = long.MaxValue;

    /// <summary>When it was sent, on the stopwatch's clock; 0 when nobody measures.</summary>
    internal long SentAt { get; set; }

    /// <summary>The part of the call that lies in another process, if one does.</summary>
    internal RemoteCall? Remote { get; set; }

    /// <summary>How often the call was sent on, because a silo did not take it.</summary>
    internal int ForwardCount { get; set; }

    /// <summary>The grain that called, in this process or another.</summary>
    internal GrainId? SourceId => Source?.GrainId ?? (Remote as ReceivedCall)?.SourceId;

    /// <summary>Where the call runs, once it does.</summary>
    internal Activation? RunsOn { get; set; }

    /// <summary>Its method has ended.</summary>
    internal bool IsDone { get; set; }

    /// <summary>Others wait for it while it runs.</summary>
    internal bool Blocks { get; set; }

    /// <summary>The next in the mailbox.</summary>
    internal GrainRequest? NextWaiting { get; set; }

    /// <summary>The neighbours among the calls that wait for an answer.</summary>
    internal GrainRequest? NextPending { get; set; }

    internal GrainRequest? PreviousPending { get; set; }

    internal PendingCalls? Pending { get; set; }

    internal PendingCalls.Shard? PendingShard { get; set; }

    internal abstract bool IsAnswered { get; }

    /// <summary>The activation's own work (a timer's tick): no filters, no limit, does not count as use.</summary>
    internal virtual bool IsInternal => false;

    internal bool IsExpired(long now) => Deadline <= now;

    /// <summary>Runs the method inside a turn of the activation; reports to it when the method is done.</summary>
    internal abstract void Start(object instance, ICallSink sink);

    /// <summary>The method's own task, once it was started and did not finish at once.</summary>
    internal abstract Task MethodDone { get; }

    /// <summary>Runs the method and gives its result as an object: the slow path, under filters.</summary>
    internal abstract Task<object?> InvokeBoxed(object instance);

    /// <summary>Answers with a boxed result, as filters may have replaced it.</summary>
    internal abstract void AnswerBoxed(object? result);

    /// <summary>Answers with an exception; false when it was already answered.</summary>
    internal abstract bool Fail(Exception exception);

    /// <summary>Answers that the caller itself cancelled.</summary>
    internal abstract bool Cancel(CancellationToken token);

    /// <summary>For one-way calls: the caller's task is done at hand-off.</summary>
    internal abstract void AnswerHandedOff();

    internal abstract Task Completion { get; }

    /// <summary>The answer of a call that succeeded, as an object; null for methods without a result.</summary>
    internal abstract object? BoxedAnswer { get; }

    /// <summary>The same call with a promise of its own, as outgoing filters need it.</summary>
    internal GrainRequest CopyForSending()
    {
        var copy = (GrainRequest)MemberwiseClone();
        copy.RenewPromise();
        return copy;
    }

    private protected abstract void RenewPromise();

    private protected void Settled()
    {
        Pending?.Remove(this);
        ForgetCancellation();
        Remote?.Settled(this);
    }

    public virtual int GetArgumentCount() => 0;

    public virtual object? GetArgument(int index) => throw NoSuchArgument(index);

    public virtual void SetArgument(int index, object value) => throw NoSuchArgument(index);

    protected static Exception NoSuchArgument(int index) =>
        new ArgumentOutOfRangeException(nameof(index), index, "The method has fewer parameters.");

    object? IInvokable.GetTarget() => RunsOn?.GrainInstance;

    void IInvokable.SetTarget(ITargetHolder holder) => throw new NotSupportedException("The runtime binds a call to its target.");

    public string GetMethodName() => Method.Name;

    public string GetInterfaceName() => Method.InterfaceName;

    public string GetActivityName() => Method.ActivityName;

    public MethodInfo GetMethod() => Method.Reflected;

    public Type GetInterfaceType() => Method.InterfaceType;

    public TimeSpan? GetDefaultResponseTimeout() =>
        Method.TimeoutMilliseconds == 0 ? null : TimeSpan.FromMilliseconds(Method.TimeoutMilliseconds);

    public override string ToString() => $"{Method.ActivityName} to {(Target is null ? "nobody" : TargetId.ToString())}";

    void IDisposable.Dispose() => GC.SuppressFinalize(this);
}

/// <summary>Who hears that a method is done: the activation, which then admits the next request.</summary>
internal interface ICallSink
{
    void Finished(GrainRequest request, Exception? failure);
}
