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
        Address = SiloAddress.New(Options<EndpointOptions>().Endpoint, SiloAddress.AllocateNewGeneration());
        Name = Options<SiloOptions>().SiloName ?? $"Silo_{Address.Generation:x}";
        Log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Runtime");
        Types = new GrainTypes(manifest, collection.ClassSpecificCollectionAge.AsReadOnly());
        Membership = services.GetRequiredService<ClusterMembership>();
        Catalog = new Catalog(this);
        Collector = new IdleCollector(this, collection.CollectionAge);
        Observers = new ObserverDirectory(this);
        References = new GrainReferenceFactory(this);
        GrainRuntime = new GrainRuntime(this);
        Router = new MessageRouter(this, new PlacementService(this), services.GetService<IMessageTransport>() ?? new NoTransport());
        _pending = new PendingCalls(Clock);
        IncomingFilters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        OutgoingFilters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
    }

    internal IServiceProvider Services { get; }

    internal EngineClock Clock { get; }

    internal SiloAddress Address { get; }

    internal string Name { get; }

    internal ILogger Log { get; }

    internal GrainTypes Types { get; }

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
        if (request.IsCancellable && !request.BindCancellation())
            return;
        if (method.IsOneWay)
        {
            Router.Route(request);
            request.AnswerHandedOff();
            return;
        }

        request.Deadline = Clock.Now + (method.TimeoutMilliseconds > 0 ? method.TimeoutMilliseconds : _defaultTimeout);
        _pending.Add(request);
        Router.Route(request);
    }

    internal SiloRuntimeStatistics Statistics()
    {
        var recently = Clock.Now - (long)TimeSpan.FromMinutes(10).TotalMilliseconds;
        var (all, recent) = Catalog.All.Aggregate((All: 0, Recent: 0),
            (sum, activation) => (sum.All + 1, sum.Recent + (activation.LastUsed >= recently ? 1 : 0)));
        return new SiloRuntimeStatistics(all, recent, SentMessages, SentMessages, Clock.Time.GetUtcNow().UtcDateTime);
    }

    public void Dispose()
    {
        Collector.Dispose();
        _pending.Dispose();
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
        foreach (var orphan in _pending.Find(_ => true))
            orphan.Fail(new SiloUnavailableException($"Silo {Address} has stopped."));
    }

    private T Options<T>() where T : class => Services.GetRequiredService<IOptions<T>>().Value;
}
