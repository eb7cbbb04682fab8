using System.Buffers;
using System.Diagnostics;
using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Messages into bytes, on the connection's writing loop. A message never goes out before the view it was sent in: the other side then
/// never knows less of the cluster than whoever asks it.
/// </summary>
internal sealed partial class Exchange
{
    private const byte HasSource = 1;
    private const byte HasTrace = 2;
    private const byte HasHeaders = 4;

    /// <summary>Writes one item of the queue, or nothing when nobody waits for it any more.</summary>
    internal void Write(object item, ArrayBufferWriter<byte> batch)
    {
        WriteNewView(batch);
        switch (item)
        {
            case GrainRequest request:
                Interlocked.Decrement(ref _queuedRequests);
                WriteRequest(request, batch);
                break;
            case AnswerMessage answer:
                if (Interlocked.Decrement(ref _queuedAnswers) < MaxQueuedAnswers)
                    _answersDrained?.TrySetResult();
                WriteAnswer(answer, batch);
                break;
            case ControlMessage control:
                _body.ResetWrittenCount();
                Begin(control.Kind, control.Correlation);
                control.WriteBody(_body);
                End(batch);
                break;
            default:
                throw new UnreachableException($"No such message: {item.GetType()}");
        }
    }

    private void WriteNewView(ArrayBufferWriter<byte> batch)
    {
        var view = transport.Silo.Membership.Current;
        if (view.Version.Value <= _viewWritten || transport.Silo.Address.IsClient)
            return;
        _viewWritten = view.Version.Value;
        _body.ResetWrittenCount();
        Begin(MessageKind.View, 0);
        ViewCodec.Write(_body, view);
        End(batch);
    }

    private void WriteRequest(GrainRequest request, ArrayBufferWriter<byte> batch)
    {
        var now = transport.Silo.Clock.Now;
        var oneWay = request.Method.IsOneWay;
        if (!oneWay && (request.IsAnswered || request.IsExpired(now)))
            return;
        // A process that was paused goes on here before anything tells it that others act in its place by now.
        if (!transport.Silo.Lease.MayAct(now))
        {
            transport.Silo.Router.Refuse(request);
            return;
        }

        var correlation = NextCorrelation();
        _body.ResetWrittenCount();
        try
        {
            Begin(oneWay ? MessageKind.OneWay : MessageKind.Request, correlation);
            WriteHeader(request, now);
            transport.Codec.WriteRequest(request, _body);
            CheckSize(_body.WrittenCount);
        }
        catch (Exception failure)
        {
            // It costs this call. The connection has not seen a byte of it, and the others on it need not suffer.
            request.Fail(failure);
            return;
        }

        if (!oneWay)
        {
            _sent[correlation] = request;
            request.Remote = new SentCall(this, correlation);
            // Answered in between (its caller cancelled): then it is not sent, and the other side never hears of it.
            if (request.IsAnswered)
            {
                Forget(correlation);
                return;
            }
        }

        End(batch);
        transport.Counters.Sent();
    }

    private void WriteHeader(GrainRequest request, long now)
    {
        var trace = request.ParentActivity?.Context ?? (request.Remote as ReceivedCall)?.Trace ?? default;
        // A span of the web server's that nobody listens to has no ids, and is still no default context.
        var hasTrace = trace.TraceId != default && trace.SpanId != default;
        var source = request.SourceId;
        var headers = request.Headers;
        Wire.Byte(_body, (byte)((source is null ? 0 : HasSource) | (hasTrace ? HasTrace : 0)
            | (headers is null ? 0 : HasHeaders)));
        Wire.Varint(_body, (ulong)((request.Remote as ReceivedCall)?.Hops + 1 ?? 0));
        // What is left, not when it ends: the clocks of two machines have nothing to do with each other.
        Wire.Varint(_body, request.Deadline == long.MaxValue ? 0 : (ulong)Math.Max(1, request.Deadline - now));
        Wire.Grain(_body, request.TargetId);
        Wire.Text(_body, request.Target.InterfaceType.ToString() ?? "");
        if (source is { } id)
            Wire.Grain(_body, id);
        if (hasTrace)
            Wire.Trace(_body, trace);
        if (headers is null)
            return;
        Wire.Varint(_body, (ulong)headers.Count);
        var value = new ArrayBufferWriter<byte>();
        foreach (var (key, each) in headers)
        {
            value.ResetWrittenCount();
            transport.Codec.WriteObject(each, value);
            Wire.Text(_body, key);
            Wire.Varint(_body, (ulong)value.WrittenCount);
            Wire.Bytes(_body, value.WrittenSpan);
        }
    }

    private void WriteAnswer(AnswerMessage answer, ArrayBufferWriter<byte> batch)
    {
        _body.ResetWrittenCount();
        try
        {
            Begin(MessageKind.Answer, answer.Correlation);
            transport.Codec.WriteAnswer(answer.Request, _body);
            CheckSize(_body.WrittenCount);
        }
        catch (Exception failure)
        {
            // The call ran; its caller must learn that, and that what it came to cannot be told.
            var why = ControlMessage.Unanswerable(answer.Correlation, $"The answer of {answer.Request} cannot be sent: {failure.Message}");
            _body.ResetWrittenCount();
            Begin(why.Kind, why.Correlation);
            why.WriteBody(_body);
        }

        End(batch);
    }

    private void Begin(MessageKind kind, ulong correlation)
    {
        Wire.Byte(_body, (byte)kind);
        Wire.Varint(_body, correlation);
    }

    private void End(ArrayBufferWriter<byte> batch)
    {
        Wire.Varint(batch, (ulong)_body.WrittenCount);
        Wire.Bytes(batch, _body.WrittenSpan);
        transport.Counters.Wrote(_body.WrittenCount);
    }

    private void CheckSize(int size)
    {
        if (size > transport.MaxMessageBytes)
            throw new LimitExceededException("message body", size, transport.MaxMessageBytes, other);
    }
}
