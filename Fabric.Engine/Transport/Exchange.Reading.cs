using System.Buffers;
using System.Collections.Immutable;
using Fabric.Engine.CodeGeneration;
using Fabric.Engine.Serialization;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Bytes into messages, on the connection's reading loop. What is wrong with a message's frame costs the connection; what is wrong with
/// the arguments or the result inside costs that one call.
/// </summary>
internal sealed partial class Exchange
{
    // A request context of more entries than this is an attack or a mistake.
    private const int MaxHeaders = 256;

    /// <summary>Takes one message.</summary>
    internal void Read(ReadOnlyMemory<byte> message)
    {
        transport.Counters.Read(message.Length);
        var reader = new WireReader(message);
        var kind = (MessageKind)reader.Byte();
        var correlation = reader.Varint();
        switch (kind)
        {
            case MessageKind.Request or MessageKind.OneWay:
                ReadRequest(ref reader, correlation, kind == MessageKind.OneWay);
                break;
            case MessageKind.Answer:
                ReadAnswer(ref reader, correlation);
                break;
            case MessageKind.Unanswerable:
                if (_sent.TryRemove(correlation, out var unanswered))
                    unanswered.Fail(new OrleansException(reader.Text()));
                break;
            case MessageKind.Rejection:
                ReadRejection(ref reader, correlation);
                break;
            case MessageKind.Cancel:
                if (_received.TryRemove(correlation, out var cancelled))
                    cancelled.CancelFromAfar();
                break;
            case MessageKind.Ping:
                _ = ReadStanding(ref reader);
                Post(transport.Standing(MessageKind.Pong, correlation));
                break;
            case MessageKind.Pong:
                if (!ReadStanding(ref reader))
                    StoreMissedAt = (long)correlation;
                break;
            case MessageKind.View:
                if (!other.IsClient)
                    transport.Silo.Membership.Replace(ViewCodec.Read(ref reader));
                break;
            case MessageKind.Release:
                _ = AnswerRelease(reader.Grain(), correlation);
                break;
            case MessageKind.Released:
                if (_releases.TryRemove(correlation, out var released))
                    released.TrySetResult();
                break;
            case MessageKind.Settled:
                transport.HandOver.OtherSettled(other, new MembershipVersion((long)correlation));
                break;
            default:
                throw new WireException($"No such kind of message: {(byte)kind}.");
        }
    }

    /// <summary>When the other side was last asked that then said it does not reach the membership store, on our lease clock.</summary>
    internal long StoreMissedAt { get; private set; } = long.MinValue / 2;

    private void ReadRequest(ref WireReader reader, ulong correlation, bool oneWay)
    {
        GrainRequest request;
        RequestHeader header;
        ImmutableDictionary<string, object>? headers;
        try
        {
            (header, headers) = ReadHeader(ref reader, oneWay);
            request = transport.Codec.ReadRequest(new ReadOnlySequence<byte>(reader.Rest));
        }
        catch (CodecException failure)
        {
            Post(ControlMessage.Unanswerable(correlation, $"Silo {transport.Silo.Address} cannot read the request: {failure.Message}"));
            return;
        }

        transport.Counters.Received();
        var silo = transport.Silo;
        request.Target = new GrainReference(silo.References, header.Target, header.Interface);
        request.Headers = headers;
        request.Deadline = header.RemainingMilliseconds == 0 ? long.MaxValue : silo.Clock.Now + header.RemainingMilliseconds;
        request.Remote = new ReceivedCall(this, correlation, header);
        if (request.IsCancellable)
        {
            request.BindCancellation();
            if (!oneWay)
                _received[correlation] = request;
        }

        lock (_taking)
        {
            if (IsStale)
                throw new IOException($"silo {other} is dead, or speaks to an earlier life of this one");
            silo.Router.Route(request);
        }
    }

    private (RequestHeader Header, ImmutableDictionary<string, object>? Context) ReadHeader(ref WireReader reader, bool oneWay)
    {
        var flags = reader.Byte();
        var hops = reader.Length(16);
        var remaining = (long)Math.Min(reader.Varint(), long.MaxValue / 4);
        var target = reader.Grain();
        var type = reader.Text();
        GrainId? source = (flags & HasSource) == 0 ? null : reader.Grain();
        var trace = (flags & HasTrace) == 0 ? default : reader.Trace();
        var header = new RequestHeader(target, type.Length == 0 ? default : GrainInterfaceType.Create(type), source, oneWay, hops,
            remaining, trace);
        if ((flags & HasHeaders) == 0)
            return (header, null);
        var context = ImmutableDictionary.CreateBuilder<string, object>();
        var count = reader.Length(MaxHeaders);
        for (var index = 0; index < count; index++)
        {
            var key = reader.Text();
            var value = reader.Bytes(reader.Length(transport.MaxMessageBytes));
            context[key] = transport.Codec.ReadObject(new ReadOnlySequence<byte>(value))!;
        }

        return (header, context.ToImmutable());
    }

    private void ReadAnswer(ref WireReader reader, ulong correlation)
    {
        // Unknown: its caller gave up before.
        if (!_sent.TryRemove(correlation, out var waiting))
            return;
        try
        {
            transport.Codec.ReadAnswer(waiting, new ReadOnlySequence<byte>(reader.Rest));
        }
        catch (CodecException failure)
        {
            waiting.Fail(failure);
        }
    }

    private void ReadRejection(ref WireReader reader, ulong correlation)
    {
        var reason = (RejectionReason)reader.Byte();
        var place = reader.Text();
        if (!_sent.TryRemove(correlation, out var request))
            return;
        request.Remote = null;
        transport.Rejected(request, reason, place.Length == 0 ? null : WireAddress.Parse(place));
    }

    private bool ReadStanding(ref WireReader reader)
    {
        var reachesStore = reader.Byte() != 0;
        var settled = new MembershipVersion((long)reader.Varint());
        if (!other.IsClient)
            transport.HandOver.OtherSettled(other, settled);
        return reachesStore;
    }

    private async Task AnswerRelease(GrainId grain, ulong correlation)
    {
        await transport.HandOver.LetGo(grain).ConfigureAwait(false);
        Post(new ControlMessage(MessageKind.Released, correlation));
    }
}
