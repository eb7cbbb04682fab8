using System.Diagnostics;
using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>The part of a call that lies in another process.</summary>
internal abstract class RemoteCall
{
    /// <summary>The call was answered, from whichever side.</summary>
    internal abstract void Settled(GrainRequest request);

    /// <summary>The caller does not want the answer any more.</summary>
    internal abstract void Cancelled();
}

/// <summary>A call of ours that another silo runs.</summary>
internal sealed class SentCall(Exchange exchange, ulong correlation) : RemoteCall
{
    internal SiloAddress SentTo => exchange.Other;

    internal override void Settled(GrainRequest request) => exchange.Forget(correlation);

    internal override void Cancelled() => exchange.Post(ControlMessage.Cancel(correlation));
}

/// <summary>A call of another silo that runs here.</summary>
internal sealed class ReceivedCall(Exchange exchange, ulong correlation, RequestHeader header) : RemoteCall
{
    internal ulong Correlation => correlation;

    internal GrainId? SourceId => header.Source;

    internal ActivityContext Trace => header.Trace;

    /// <summary>How many silos a one-way call has passed that were not its target's.</summary>
    internal int Hops => header.Hops;

    internal bool IsOneWay => header.IsOneWay;

    /// <inheritdoc cref="Exchange.IsStale"/>
    internal bool IsStale => exchange.IsStale;

    internal override void Settled(GrainRequest request)
    {
        if (!header.IsOneWay)
            exchange.PostAnswer(request, correlation);
    }

    internal override void Cancelled()
    {
        // Nothing to tell anybody: it was the other side that cancelled.
    }

    /// <summary>Tells the caller that the call was not executed, and where its grain belongs.</summary>
    internal void Reject(RejectionReason reason, SiloAddress? belongsTo)
    {
        exchange.ForgetReceived(correlation);
        if (!header.IsOneWay)
            exchange.Post(ControlMessage.Rejection(correlation, reason, belongsTo));
    }
}

/// <summary>Why a call was surely not executed.</summary>
internal enum RejectionReason : byte
{
    /// <summary>The grain belongs to another silo in the view that came with the rejection, or before it.</summary>
    Moved = 1,

    /// <summary>This silo does not act for the cluster now: it stops, or its lease is over.</summary>
    NotActing = 2,
}

/// <summary>What a request carries besides its method and arguments.</summary>
internal readonly record struct RequestHeader(GrainId Target, GrainInterfaceType Interface, GrainId? Source, bool IsOneWay, int Hops,
    long RemainingMilliseconds, ActivityContext Trace);

/// <summary>A message that is not a call.</summary>
internal sealed class ControlMessage(MessageKind kind, ulong correlation, Action<System.Buffers.IBufferWriter<byte>>? body = null)
{
    internal MessageKind Kind => kind;

    internal ulong Correlation => correlation;

    internal void WriteBody(System.Buffers.IBufferWriter<byte> output) => body?.Invoke(output);

    internal static ControlMessage Cancel(ulong correlation) => new(MessageKind.Cancel, correlation);

    internal static ControlMessage Rejection(ulong correlation, RejectionReason reason, SiloAddress? belongsTo) =>
        new(MessageKind.Rejection, correlation, output =>
        {
            Wire.Byte(output, (byte)reason);
            Wire.Text(output, belongsTo?.ToParsableString() ?? "");
        });

    internal static ControlMessage Unanswerable(ulong correlation, string why) =>
        new(MessageKind.Unanswerable, correlation, output => Wire.Text(output, why.Length > 1000 ? why[..1000] : why));
}
