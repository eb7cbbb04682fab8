using Orleans.Serialization.Invocation;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>One activation as its own code and the runtime see it.</summary>
public interface IGrainContext : ITargetHolder, IEquatable<IGrainContext>
{
    GrainReference GrainReference { get; }

    GrainId GrainId { get; }

    object? GrainInstance { get; }

    ActivationId ActivationId { get; }

    GrainAddress Address { get; }

    /// <summary>The services of this activation: one scope, disposed with it.</summary>
    IServiceProvider ActivationServices { get; }

    IGrainLifecycle ObservableLifecycle { get; }

    IWorkItemScheduler Scheduler { get; }

    /// <summary>Done when the activation is gone.</summary>
    Task Deactivated { get; }

    void SetComponent<TComponent>(TComponent? value) where TComponent : class;

    /// <summary>Lets the running requests finish, then ends the activation.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

    void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);
}

/// <summary>The current activation, for services that serve one.</summary>
public interface IGrainContextAccessor
{
    IGrainContext GrainContext { get; }
}

/// <summary>Runs work inside an activation's turns.</summary>
public interface IWorkItemScheduler
{
    void QueueAction(Action action);

    void QueueAction(Action<object> action, object state);

    void QueueTask(Task task);
}

/// <summary>What <see cref="Grain"/> asks of its silo.</summary>
public interface IGrainRuntime
{
    string SiloIdentity { get; }

    SiloAddress SiloAddress { get; }

    IGrainFactory GrainFactory { get; }

    ITimerRegistry TimerRegistry { get; }

    IServiceProvider ServiceProvider { get; }

    TimeProvider TimeProvider { get; }

    void DeactivateOnIdle(IGrainContext grainContext);

    void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan);

    Orleans.Core.IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext);
}

/// <summary>The way from a context to its silo without a service look-up; every activation of ours has it.</summary>
internal interface IHasGrainRuntime
{
    IGrainRuntime Runtime { get; }
}

/// <summary>Makes and disposes grain instances.</summary>
public interface IGrainActivator
{
    object CreateInstance(IGrainContext context);

    ValueTask DisposeInstance(IGrainContext context, object instance);
}
