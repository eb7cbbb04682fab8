using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Fabric.Engine.CodeGeneration;
using Fabric.Engine.Serialization;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// The way to all other silos, over TCP. Each silo dials each other one and sends its own calls over that connection; the answers come back
/// on it. So two silos hold two connections, no tie needs breaking, and a silo that is slow to take calls does not hold up its answers.
/// Clients dial and are never dialled: calls of their observers go over the connection they opened.
/// </summary>
internal sealed partial class SiloTransport : IMessageTransport, IDisposable
{
    // Handshakes at one time. Who knocks without a key holds one of these for the time limit at most.
    private const int MaxHandshakes = 64;

    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SiloAddress, PeerLink> _links = [];
    private readonly ConcurrentDictionary<SiloAddress, Exchange> _clients = [];
    private readonly ConcurrentDictionary<Exchange, bool> _accepted = [];
    private readonly ConcurrentQueue<GrainRequest> _parked = [];
    private readonly SemaphoreSlim _handshakes = new(MaxHandshakes);
    private readonly CancellationTokenSource _stop = new();
    private readonly Handshake _handshake;
    private readonly int _maxForwards;
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private volatile bool _stopped;

    internal SiloTransport(SiloRuntime silo, IMessageCodec codec, byte[] clusterKey, string clusterId, SiloMessagingOptions options)
    {
        Silo = silo;
        Codec = codec;
        _handshake = new Handshake(clusterKey, clusterId);
        _maxForwards = options.MaxForwardCount;
        MaxMessageBytes = options.MaxMessageBodySize;
        HandOver = new HandOver(silo, this);
        Counters = new TransportCounters(silo.Metrics);
        silo.Membership.Changed += OnViewChanged;
    }

    internal SiloRuntime Silo { get; }

    internal IMessageCodec Codec { get; }

    internal HandOver HandOver { get; }

    internal TransportCounters Counters { get; }

    internal int MaxMessageBytes { get; }

    internal TimeSpan PingPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Links to silos, by what they dial.</summary>
    internal IEnumerable<PeerLink> Links => _links.Values;

    public void Send(SiloAddress silo, GrainRequest request)
    {
        if (silo.IsClient)
        {
            if (!_clients.TryGetValue(silo, out var client) || !client.TryPost(request))
                request.Fail(new ClientNotAvailableException(request.TargetId));
            return;
        }

        if (_stopped)
            request.Fail(new SiloUnavailableException($"Silo {Silo.Address} has stopped."));
        else if (LinkTo(silo) is not { } link)
            Park(request);
        else if (!link.Exchange.TryPost(request))
            request.Fail(new LimitExceededException($"Too many calls wait to be sent to silo {silo}."));
    }

    /// <summary>A call that was surely not executed goes where its grain belongs by now.</summary>
    internal void Rejected(GrainRequest request, RejectionReason reason, SiloAddress? belongsTo)
    {
        if (request.IsAnswered)
            return;
        if (reason == RejectionReason.NotActing)
        {
            // That silo is on its way out. The next view says who takes over.
            Park(request);
            return;
        }

        if (request.ForwardCount++ >= _maxForwards)
            request.Fail(new SiloUnavailableException($"{request} was sent on {_maxForwards} times and found no silo that takes it."));
        else if (belongsTo is null || belongsTo.Equals(Silo.Address))
            Silo.Router.Route(request);
        else
            Send(belongsTo, request);
    }

    /// <summary>A call that no connection took before its silo was gone.</summary>
    internal void Unsent(GrainRequest request)
    {
        if (!request.IsAnswered)
            Silo.Router.Route(request);
    }

    /// <summary>What this silo says of itself with each ping.</summary>
    internal ControlMessage Standing(MessageKind kind, ulong correlation) => new(kind, correlation, output =>
    {
        Wire.Byte(output, (byte)(Silo.Lease.SaysItReachesStore() ? 1 : 0));
        Wire.Varint(output, (ulong)Math.Max(0, HandOver.SettledHere.Value));
    });

    /// <summary>Says something to all silos and clients.</summary>
    internal void Broadcast(ControlMessage message)
    {
        foreach (var link in _links.Values)
            link.Exchange.Post(message);
        foreach (var (exchange, _) in _accepted)
            exchange.Post(message);
    }

    internal PeerLink? LinkTo(SiloAddress silo)
    {
        if (_links.TryGetValue(silo, out var link))
            return link;
        // Whoever is not in the view, or dead in it, is not dialled: nothing good can come of it.
        if (_stopped || silo.Equals(Silo.Address) || Silo.Membership.Current.Find(silo) is not { Status: not SiloStatus.Dead })
            return null;
        var fresh = new PeerLink(this, silo);
        if (_links.TryAdd(silo, fresh))
            return fresh;
        fresh.Close("another link was first");
        return _links.GetValueOrDefault(silo);
    }

    /// <summary>Keeps a call until the view changes; its deadline ends it if nothing comes.</summary>
    internal void Park(GrainRequest request)
    {
        var version = Silo.Membership.Current.Version;
        _parked.Enqueue(request);
        if (Silo.Membership.Current.Version != version)
            RouteParked();
    }

    private void RouteParked()
    {
        for (var count = _parked.Count; count > 0 && _parked.TryDequeue(out var request); count--)
            Unsent(request);
    }

    private void OnViewChanged(MembershipView view)
    {
        HandOver.Begin(view);
        foreach (var (address, link) in _links)
        {
            if (view.Find(address) is { Status: not SiloStatus.Dead })
                continue;
            if (_links.TryRemove(KeyValuePair.Create(address, link)))
                link.Close("it is dead");
        }

        foreach (var exchange in _accepted.Keys.Where(exchange => view.IsDead(exchange.Other)))
            exchange.Disown();
        foreach (var member in view.Members.Where(member => member.Status != SiloStatus.Dead))
            _ = LinkTo(member.Address);
        // Whatever is written next takes the view along.
        Broadcast(Standing(MessageKind.Ping, (ulong)Silo.Lease.Now));
        ThreadPool.UnsafeQueueUserWorkItem(static transport => transport.RouteParked(), this, preferLocal: false);
    }
}
