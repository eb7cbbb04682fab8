namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// Cancellation. The callee never holds the caller's token but one of the message, because callbacks on a token run on the thread that
/// cancels: the message's token is cancelled inside a turn of the callee, so such a callback may touch the grain's state.
/// </summary>
public abstract partial class GrainRequest
{
    private CancellationTokenSource? _cancellation;
    private CancellationTokenRegistration _callersToken;

    /// <summary>True when the method takes a token.</summary>
    public virtual bool IsCancellable => false;

    /// <summary>The argument that is the token; generated code overrides it.</summary>
    protected virtual CancellationToken TokenArgument
    {
        get => default;
        set => throw new NotSupportedException("The method takes no token.");
    }

    public CancellationToken GetCancellationToken() => TokenArgument;

    public bool TryCancel()
    {
        if (_cancellation is not { } source)
            return false;
        Remote?.Cancelled();
        if (RunsOn is { } activation)
            activation.QueueAction(static state => ((CancellationTokenSource)state).CancelIfAlive(), source);
        else
            source.CancelIfAlive();
        return true;
    }

    /// <summary>Swaps the caller's token for the message's. False when the caller cancelled before: the call is then never sent.</summary>
    internal bool BindCancellation()
    {
        var callers = TokenArgument;
        if (callers.IsCancellationRequested)
        {
            Cancel(callers);
            return false;
        }

        _cancellation = new CancellationTokenSource();
        TokenArgument = _cancellation.Token;
        if (callers.CanBeCanceled)
            _callersToken = callers.UnsafeRegister(static (state, token) => ((GrainRequest)state!).OnCallerCancelled(token), this);
        return true;
    }

    /// <summary>The caller, in another process, cancelled.</summary>
    internal void CancelFromAfar()
    {
        TryCancel();
        // If it still waits for its turn, it is taken out.
        if (_cancellation is { } source)
            Cancel(source.Token);
    }

    private void OnCallerCancelled(CancellationToken token)
    {
        Pending?.CountCanceled(this);
        // The caller's wait ends first: what the callee makes of the news must not overtake the cancellation.
        Cancel(token);
        TryCancel();
    }

    private void ForgetCancellation()
    {
        if (_cancellation is not null)
            _callersToken.Unregister();
    }
}
