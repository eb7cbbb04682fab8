using Fabric.Engine.CodeGeneration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// One life of one grain in memory. It is four things in one object, because there are many of it:
/// the grain's <b>context</b> (this file), its <b>mailbox</b> (Activation.Mailbox.cs: which request may start when), its
/// <b>turn scheduler</b> (Activation.Turns.cs: a TaskScheduler, so that code after an await comes back here, one turn at a time), and its
/// <b>life</b> (Activation.Life.cs: from the constructor over OnActivateAsync to OnDeactivateAsync).
/// All mutable state of mailbox and life is guarded by one short lock; of foreign code only a MayInterleave predicate runs under it.
/// </summary>
internal sealed partial class Activation : TaskScheduler, IGrainContext, IHasGrainRuntime, ICallChainReentrant, IMessageTarget, ICallSink,
    IWorkItemScheduler, IThreadPoolWorkItem
{
    private readonly SiloRuntime _silo;
    private readonly MembershipVersion _placedIn;
    private readonly int _epoch;
    private Dictionary<Type, object>? _components;
    private AsyncServiceScope _scope;
    private GrainReference? _reference;
    private GrainAddress? _address;
    private ActivationId _id;

    internal Activation(SiloRuntime silo, GrainClass grainClass, GrainId grainId, MembershipVersion placedIn,
        IMessageTarget? owner = null)
    {
        _silo = silo;
        Class = grainClass;
        GrainId = grainId;
        Owner = owner;
        _placedIn = placedIn;
        _epoch = silo.Epoch;
        LastUsed = silo.Clock.Now;
        _ready.Enqueue(new StartLife(this));
    }

    internal GrainClass Class { get; }

    /// <summary>The pool of a stateless worker; null for grains that the catalog holds by id.</summary>
    internal IMessageTarget? Owner { get; }

    internal SiloRuntime Silo => _silo;

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public IGrainRuntime Runtime => _silo.GrainRuntime;

    public GrainReference GrainReference => _reference ??= _silo.References.Untyped(GrainId);

    public ActivationId ActivationId
    {
        get
        {
            // Most activations are never asked for it.
            if (_id.IsDefault)
                _id = ActivationId.NewId();
            return _id;
        }
    }

    public GrainAddress Address => _address ??= new GrainAddress
    {
        GrainId = GrainId,
        ActivationId = ActivationId,
        SiloAddress = _silo.Address,
        MembershipVersion = _silo.Membership.Current.Version,
    };

    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => Lifecycle;

    public IWorkItemScheduler Scheduler => this;

    public object? GetTarget() => GrainInstance;

    public TComponent? GetComponent<TComponent>() where TComponent : class
    {
        if (_components is { } components && components.TryGetValue(typeof(TComponent), out var component))
            return (TComponent)component;
        return this as TComponent ?? GrainInstance as TComponent;
    }

    public void SetComponent<TComponent>(TComponent? value) where TComponent : class
    {
        _components ??= [];
        if (value is null)
            _components.Remove(typeof(TComponent));
        else
            _components[typeof(TComponent)] = value;
    }

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        Deactivate(new DeactivationReason(DeactivationReasonCode.Migrating, "MigrateOnIdle was called."), cancellationToken);

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"[{GrainId} {_state}]";
}

/// <summary>Something that takes messages: an activation, a pool of stateless workers, an observer.</summary>
internal interface IMessageTarget
{
    /// <summary>False when this target is gone and the message was not taken: look up again.</summary>
    bool Post(GrainRequest request);
}
