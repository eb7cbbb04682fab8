namespace Fabric.Engine.CodeGeneration;

/// <summary>A call with a result of one type.</summary>
public abstract class GrainRequest<TResult> : GrainRequest
{
    // Asynchronous, so that the caller's code never runs inside the callee's turn.
    private TaskCompletionSource<TResult> _promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ICallSink? _sink;
    private Task? _running;

    internal Task<TResult> Answer => _promise.Task;

    internal sealed override Task MethodDone => _running ?? Task.CompletedTask;

    internal sealed override Task Completion => _promise.Task;

    internal sealed override object? BoxedAnswer => typeof(TResult) == typeof(Nothing) ? null : _promise.Task.Result;

    private protected sealed override void RenewPromise() => _promise = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal sealed override bool IsAnswered => _promise.Task.IsCompleted;

    internal sealed override bool Fail(Exception exception)
    {
        var first = exception is OperationCanceledException cancelled && cancelled.CancellationToken.IsCancellationRequested
            ? _promise.TrySetCanceled(cancelled.CancellationToken)
            : _promise.TrySetException(exception);
        if (!first)
            return false;
        // Nobody may be left to look at it (one-way calls, callers that gave up): it must not come up again as unobserved.
        _ = _promise.Task.Exception;
        Settled();
        return true;
    }

    internal sealed override bool Cancel(CancellationToken token)
    {
        if (!_promise.TrySetCanceled(token))
            return false;
        Settled();
        return true;
    }

    internal sealed override void AnswerHandedOff() => _promise.TrySetResult(default!);

    internal sealed override void AnswerBoxed(object? result) => Succeed(result is null ? default! : (TResult)result);

    /// <summary>Answers with a result that came from another process.</summary>
    internal void AnswerWith(TResult result) => Succeed(result);

    private protected void Succeed(TResult result)
    {
        if (_promise.TrySetResult(result))
            Settled();
    }

    /// <summary>Hooks on to a method that is not done yet. The continuation comes back to the activation's turns.</summary>
    private protected void Await(Task running, ICallSink sink)
    {
        _running = running;
        _sink = sink;
        running.GetAwaiter().UnsafeOnCompleted(OnMethodDone);
    }

    private protected abstract TResult ResultOf(Task completed);

    private protected void Finish(Task completed, ICallSink sink)
    {
        if (completed.IsCompletedSuccessfully)
        {
            // In this order: whoever has the answer finds the grain free, and a pool of workers needs no second one for its next call.
            sink.Finished(this, null);
            Succeed(ResultOf(completed));
            return;
        }

        var failure = FailureOf(completed);
        sink.Finished(this, failure);
        Fail(failure);
    }

    private protected void FinishThrown(Exception thrown, ICallSink sink)
    {
        sink.Finished(this, thrown);
        Fail(thrown);
    }

    private void OnMethodDone() => Finish(_running!, _sink!);

    private static Exception FailureOf(Task task) => task.Exception is { } failure
        ? failure.InnerExceptions[0]
        : CancellationOf(task);

    private static OperationCanceledException CancellationOf(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
            return new OperationCanceledException();
        }
        catch (OperationCanceledException cancelled)
        {
            return cancelled;
        }
    }
}

/// <summary>A call of a method that returns Task&lt;T&gt;.</summary>
public abstract class TaskRequest<TResult> : GrainRequest<TResult>
{
    protected abstract Task<TResult> InvokeOn(object target);

    internal sealed override void Start(object instance, ICallSink sink)
    {
        Task<TResult> task;
        try
        {
            task = InvokeOn(instance);
        }
        catch (Exception thrown)
        {
            FinishThrown(thrown, sink);
            return;
        }

        if (task.IsCompleted)
            Finish(task, sink);
        else
            Await(task, sink);
    }

    internal sealed override async Task<object?> InvokeBoxed(object instance) => await InvokeOn(instance);

    private protected sealed override TResult ResultOf(Task completed) => ((Task<TResult>)completed).Result;
}

/// <summary>A call of a method that returns Task.</summary>
public abstract class TaskRequest : GrainRequest<Nothing>
{
    protected abstract Task InvokeOn(object target);

    internal sealed override void Start(object instance, ICallSink sink)
    {
        Task task;
        try
        {
            task = InvokeOn(instance);
        }
        catch (Exception thrown)
        {
            FinishThrown(thrown, sink);
            return;
        }

        if (task.IsCompleted)
            Finish(task, sink);
        else
            Await(task, sink);
    }

    internal sealed override async Task<object?> InvokeBoxed(object instance)
    {
        await InvokeOn(instance);
        return null;
    }

    private protected sealed override Nothing ResultOf(Task completed) => default;
}

/// <summary>A call of a method that returns ValueTask&lt;T&gt;.</summary>
public abstract class ValueTaskRequest<TResult> : GrainRequest<TResult>
{
    protected abstract ValueTask<TResult> InvokeOn(object target);

    internal sealed override void Start(object instance, ICallSink sink)
    {
        Task<TResult> task;
        try
        {
            var result = InvokeOn(instance);
            if (result.IsCompletedSuccessfully)
            {
                sink.Finished(this, null);
                Succeed(result.Result);
                return;
            }

            task = result.AsTask();
        }
        catch (Exception thrown)
        {
            FinishThrown(thrown, sink);
            return;
        }

        if (task.IsCompleted)
            Finish(task, sink);
        else
            Await(task, sink);
    }

    internal sealed override async Task<object?> InvokeBoxed(object instance) => await InvokeOn(instance);

    private protected sealed override TResult ResultOf(Task completed) => ((Task<TResult>)completed).Result;
}

/// <summary>A call of a method that returns ValueTask.</summary>
public abstract class ValueTaskRequest : TaskRequest
{
    protected abstract ValueTask InvokeValue(object target);

    protected sealed override Task InvokeOn(object target) => InvokeValue(target).AsTask();
}

/// <summary>A call of a method that returns nothing, which only one-way methods and observers may.</summary>
public abstract class VoidRequest : TaskRequest
{
    protected abstract void InvokeVoid(object target);

    protected sealed override Task InvokeOn(object target)
    {
        InvokeVoid(target);
        return Task.CompletedTask;
    }
}
