using Fabric.Engine.CodeGeneration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// One silo: what its parts share, and the door for calls. A call enters by Send, gets its envelope (who calls, in which context, until
/// when),
/// passes the outgoing filters if there are any, and goes to the router. From there on it belongs to the activation that takes it.
/// </summary>
internal sealed class SiloRuntime : IDisposable
{
    private readonly long _defaultTimeout;
    private readonly PendingCalls _pending;

    public SiloRuntime(IServiceProvider services, GrainManifestBuilder manifest)
    {
        Services = services;
        Clock = new EngineClock(services.GetService<TimeProvider>() ?? TimeProvider.System);
        var messaging = Options<SiloMessagingOptions>();
        var collection = Options<GrainCollectionOptions>();
        _defaultTimeout = (long)messaging.ResponseTimeout.TotalMilliseconds;
        MailboxLimit = messaging.MaxEnqueuedRequestsHardLimit > 0 ? messaging.MaxEnqueuedRequestsHardLimit
            : SiloMessagingOptions.DefaultMailboxLimit;
        ActivationTimeout = collection.ActivationTimeout;
        DeactivationTimeout = collection.DeactivationTimeout;
        Lease = new SiloLease(Clock);
        Address = services.GetService<ClientIdentity>()?.Address
            ?? SiloAddress.New(Options<EndpointOptions>().Endpoint, SiloAddress.AllocateNewGeneration());
        Name = Options<SiloOptions>().SiloName ?? $"Silo_{Address.Generation:x}";
        Log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Runtime");
        Types = new GrainTypes(manifest, collection.ClassSpecificCollectionAge.AsReadOnly());
        Membership = services.GetRequiredService<ClusterMembership>();
        Metrics = new EngineMetrics(Name, Types, Membership);
        Catalog = new Catalog(this);
        Collector = new IdleCollector(this, collection.CollectionAge);
        Observers = new ObserverDirectory(this);
        References = new GrainReferenceFactory(this);
        GrainRuntime = new GrainRuntime(this);
        Placement = new PlacementService(this);
        Transport = services.GetService<ClusterJoint>()?.MakeTransport(this);
        Router = new MessageRouter(this, Placement, Transport ?? services.GetService<IMessageTransport>() ?? new NoTransport());
        _pending = new PendingCalls(Clock, Metrics);
        IncomingFilters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        OutgoingFilters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
    }

    internal IServiceProvider Services { get; }

    internal EngineClock Clock { get; }

    /// <summary>This life of the silo; another follows when it had to fence itself.</summary>
    internal SiloAddress Address { get; private set; }

    /// <summary>How many lives it had before this one.</summary>
    internal int Epoch { get; private set; }

    internal SiloLease Lease { get; }

    internal PlacementService Placement { get; }

    /// <summary>Null for a silo that is alone.</summary>
    internal SiloTransport? Transport { get; }

    internal HandOver? HandOver => Transport?.HandOver;

    internal string Name { get; }

    internal ILogger Log { get; }

    internal GrainTypes Types { get; }

    internal EngineMetrics Metrics { get; }

    internal ClusterMembership Membership { get; }

    internal Catalog Catalog { get; }

    internal IdleCollector Collector { get; }

    internal ObserverDirectory Observers { get; }

    internal GrainReferenceFactory References { get; }

    internal GrainRuntime GrainRuntime { get; }

    internal MessageRouter Router { get; }

    internal IIncomingGrainCallFilter[] IncomingFilters { get; }

    internal IOutgoingGrainCallFilter[] OutgoingFilters { get; }

    internal int MailboxLimit { get; }

    internal TimeSpan ActivationTimeout { get; }

    internal TimeSpan DeactivationTimeout { get; }

    internal SiloStatus Status { get; set; } = SiloStatus.Created;

    /// <summary>A stopping silo finishes what it holds and makes no new activations.</summary>
    internal bool IsStopping => Status is SiloStatus.Stopping or SiloStatus.Dead;

    internal long SentMessages => _pending.Sent;

    internal int PendingCallCount => _pending.Count;

    /// <summary>How long a caller waits when its method says nothing else, in milliseconds.</summary>
    internal long DefaultTimeout => _defaultTimeout;

    internal TimeSpan ResponseTimeout => TimeSpan.FromMilliseconds(_defaultTimeout);

    internal void Send(GrainReference target, GrainRequest request)
    {
        request.Target = target;
        request.Source = RuntimeContext.Current;
        if (OutgoingFilters.Length == 0)
            SendUnfiltered(request);
        else
            OutgoingCall.Start(this, request);
    }

    internal void SendUnfiltered(GrainRequest request)
    {
        request.Headers = RequestContext.Current;
        request.ParentActivity = System.Diagnostics.Activity.Current;
        var method = request.Method;
        var now = Clock.Now;
        if (!Lease.MayAct(now) || (request.Source is Activation { IsOfThisLife: false }))
        {
            request.Fail(new SiloUnavailableException($"Silo {Address} does not act now: its lease is over."));
            return;
        }

        if (request.IsCancellable && !request.BindCancellation())
            return;
        if (method.IsOneWay)
        {
            Router.Route(request);
            request.AnswerHandedOff();
            return;
        }

        request.Deadline = CallChain.Limit(now + (method.TimeoutMilliseconds > 0 ? method.TimeoutMilliseconds : _defaultTimeout));
        request.SentAt = Metrics.RequestBegins;
        _pending.Add(request);
        Router.Route(request);
    }

    /// <summary>The silo is fenced: nothing of this life goes on.</summary>
    internal void GiveUp()
    {
        FailPending($"Silo {Address} has lost its lease; whether the call ran is unknown.");
        var reason = new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "The silo has lost its lease.");
        foreach (var activation in Catalog.All)
            activation.Deactivate(reason);
        Catalog.Abandon();
    }

    /// <summary>A new life, with none of the activations of the old one.</summary>
    internal void BecomeAnother(SiloAddress address)
    {
        Epoch++;
        Catalog.Abandon();
        Address = address;
    }

    internal SiloRuntimeStatistics Statistics()
    {
        var recently = Clock.Now - (long)TimeSpan.FromMinutes(10).TotalMilliseconds;
        var (all, recent) = SiloFigures.All(this).Aggregate((All: 0, Recent: 0),
            (sum, activation) => (sum.All + 1, sum.Recent + (activation.LastUsed >= recently ? 1 : 0)));
        var (left, came) = Transport is { Counters: var counters } ? (counters.SentRequests, counters.ReceivedRequests) : (0, 0);
        return new SiloRuntimeStatistics(all, recent, SentMessages - left + came, SentMessages, Clock.Time.GetUtcNow().UtcDateTime);
    }

    public void Dispose()
    {
        Collector.Dispose();
        _pending.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Ends all activations; those that do not finish in time are left behind.</summary>
    internal async Task DeactivateAll(CancellationToken token)
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo stops.");
        var leaving = new List<Task>();
        foreach (var activation in Catalog.All)
        {
            leaving.Add(activation.Deactivated);
            activation.Deactivate(reason, token);
        }

        await Task.WhenAll(leaving).WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        FailPending($"Silo {Address} has stopped.");
    }

    internal void FailPending(string why)
    {
        foreach (var pending in _pending.Find(static _ => true))
            pending.Fail(new SiloUnavailableException(why));
    }

    private T Options<T>() where T : class => Services.GetRequiredService<IOptions<T>>().Value;
}
