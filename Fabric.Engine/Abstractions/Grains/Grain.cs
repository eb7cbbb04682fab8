using Orleans.Core;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The base of grain classes. One instance is one activation; its code runs one turn at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly IGrainRuntime _runtime;

    protected Grain() : this(RuntimeContext.Current ?? throw new InvalidOperationException("Grains are created by the runtime only."))
    {
    }

    protected Grain(IGrainContext grainContext, IGrainRuntime? grainRuntime = null)
    {
        GrainContext = grainContext;
        _runtime = grainRuntime ?? (grainContext as IHasGrainRuntime)?.Runtime
            ?? throw new ArgumentException("This context does not belong to a silo: pass an IGrainRuntime.", nameof(grainRuntime));
    }

    public IGrainContext GrainContext { get; }

    public GrainReference GrainReference => GrainContext.GrainReference;

    public string IdentityString => GrainContext.GrainId.ToString();

    public string RuntimeIdentity => _runtime.SiloIdentity;

    protected IGrainFactory GrainFactory => _runtime.GrainFactory;

    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <summary>
    /// Runs before the first request, after persistent state was read. If it throws, waiting requests fail with its exception.
    /// </summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs when the activation goes, if the process lives long enough: never the only place to save state.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets the running requests finish, then ends this activation; what still waits goes to a new one.</summary>
    protected void DeactivateOnIdle() => _runtime.DeactivateOnIdle(GrainContext);

    protected void MigrateOnIdle() => ((IGrainBase)this).MigrateOnIdle();

    /// <summary>Keeps idle collection away for this long; a negative time takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => _runtime.DelayDeactivation(GrainContext, timeSpan);

    /// <summary>The old timer: its ticks interleave with requests. Use RegisterGrainTimer.</summary>
    [Obsolete("Use this.RegisterGrainTimer(...) instead.")]
    protected IDisposable RegisterTimer(Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _runtime.TimerRegistry.RegisterTimer(GrainContext, callback, state, dueTime, period);
}

/// <summary>The old style of stateful grain; new code takes an IPersistentState in its constructor.</summary>
public class Grain<TGrainState> : Grain
{
    private readonly IStorage<TGrainState> _storage;

    protected Grain() => _storage = ((IHasGrainRuntime)GrainContext).Runtime.GetStorage<TGrainState>(GrainContext);

    protected Grain(IStorage<TGrainState> storage) => _storage = storage;

    protected TGrainState State
    {
        get => _storage.State;
        set => _storage.State = value;
    }

    protected virtual Task ClearStateAsync() => _storage.ClearStateAsync();

    protected virtual Task WriteStateAsync() => _storage.WriteStateAsync();

    protected virtual Task ReadStateAsync() => _storage.ReadStateAsync();
}
