using System.Diagnostics.Metrics;

namespace Fabric.Engine;

/// <summary>What the transport counts, under Orleans' own names where it has them.</summary>
internal sealed class TransportCounters : IDisposable
{
    private readonly Meter _meter = new("Microsoft.Orleans");
    private long _opened;
    private long _closed;
    private long _refused;
    private long _malformed;
    private long _sent;
    private long _received;

    internal TransportCounters()
    {
        _meter.CreateObservableCounter("orleans-networking-sockets-opened", () => Volatile.Read(ref _opened));
        _meter.CreateObservableCounter("orleans-networking-sockets-closed", () => Volatile.Read(ref _closed));
        _meter.CreateObservableCounter("orleans-networking-handshakes-refused", () => Volatile.Read(ref _refused));
        _meter.CreateObservableCounter("orleans-networking-connections-malformed", () => Volatile.Read(ref _malformed));
        _meter.CreateObservableCounter("orleans-messaging-sent-messages", () => Volatile.Read(ref _sent));
        _meter.CreateObservableCounter("orleans-messaging-received-messages", () => Volatile.Read(ref _received));
    }

    /// <summary>Peers that did not prove themselves.</summary>
    internal long RefusedHandshakes => Volatile.Read(ref _refused);

    /// <summary>Connections that ended because of wrong bytes.</summary>
    internal long MalformedConnections => Volatile.Read(ref _malformed);

    internal long OpenedConnections => Volatile.Read(ref _opened);

    internal long SentRequests => Volatile.Read(ref _sent);

    internal long ReceivedRequests => Volatile.Read(ref _received);

    internal void Opened() => Interlocked.Increment(ref _opened);

    internal void Closed() => Interlocked.Increment(ref _closed);

    internal void Refused() => Interlocked.Increment(ref _refused);

    internal void Malformed() => Interlocked.Increment(ref _malformed);

    internal void Sent() => Interlocked.Increment(ref _sent);

    internal void Received() => Interlocked.Increment(ref _received);

    public void Dispose() => _meter.Dispose();
}
