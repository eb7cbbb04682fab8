using System.Diagnostics.Metrics;

namespace Fabric.Engine;

/// <summary>What the transport counts, under Orleans' own names where it has them.</summary>
internal sealed class TransportCounters
{
    private long _opened;
    private long _closed;
    private long _refused;
    private long _malformed;
    private long _sent;
    private long _received;
    private long _messagesOut;
    private long _bytesOut;
    private long _messagesIn;
    private long _bytesIn;

    internal TransportCounters(EngineMetrics metrics)
    {
        Counter(metrics.Orleans, "orleans-networking-sockets-opened", () => Volatile.Read(ref _opened));
        Counter(metrics.Orleans, "orleans-networking-sockets-closed", () => Volatile.Read(ref _closed));
        // The two sums of what Orleans has as a histogram: a measurement per message would cost more than some messages do.
        Counter(metrics.Orleans, "orleans-messaging-sent-messages-size-bytes-count", () => Volatile.Read(ref _messagesOut));
        Counter(metrics.Orleans, "orleans-messaging-sent-messages-size-bytes-sum", () => Volatile.Read(ref _bytesOut));
        Counter(metrics.Orleans, "orleans-messaging-received-messages-size-bytes-count", () => Volatile.Read(ref _messagesIn));
        Counter(metrics.Orleans, "orleans-messaging-received-messages-size-bytes-sum", () => Volatile.Read(ref _bytesIn));
        Counter(metrics.Own, "fabric.engine.transport.requests.sent", () => SentRequests);
        Counter(metrics.Own, "fabric.engine.transport.requests.received", () => ReceivedRequests);
        Counter(metrics.Own, "fabric.engine.transport.handshakes.refused", () => RefusedHandshakes);
        Counter(metrics.Own, "fabric.engine.transport.connections.malformed", () => MalformedConnections);
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

    /// <summary>A message of any kind was written.</summary>
    internal void Wrote(int bytes)
    {
        Interlocked.Increment(ref _messagesOut);
        Interlocked.Add(ref _bytesOut, bytes);
    }

    /// <summary>A message of any kind was read.</summary>
    internal void Read(int bytes)
    {
        Interlocked.Increment(ref _messagesIn);
        Interlocked.Add(ref _bytesIn, bytes);
    }

    private static void Counter(Meter meter, string name, Func<long> value) => meter.CreateObservableCounter(name, value);
}
