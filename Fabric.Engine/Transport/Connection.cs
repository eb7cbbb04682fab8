using System.Buffers;
using System.IO.Pipelines;

namespace Fabric.Engine;

/// <summary>
/// An exchange over one connected stream: a loop that writes what is queued, one that reads, and pings in between. It ends when either side
/// closes, when a byte is wrong, or when the other side is silent for too long; then nothing of it is left.
/// Pressure goes both ways: the writing loop waits for the socket, the reading loop waits while too many answers are not taken.
/// </summary>
internal sealed class Connection : IDisposable
{
    // Enough to fill a segment burst; a record is opened in one piece, so it is also what one opening costs in memory.
    private const int BatchBytes = 64 * 1024;

    // So many pings without any sign of life make a half-open connection.
    private const int MaxSilentPings = 5;

    private readonly SiloTransport _transport;
    private readonly Exchange _exchange;
    private readonly Stream _stream;
    private readonly RecordCipher _seal;
    private readonly RecordCipher _open;
    private readonly CancellationTokenSource _ended = new();
    private int _silentPings;
    private string _why = "the other side closed";

    internal Connection(SiloTransport transport, Exchange exchange, Stream stream, Acquaintance acquaintance)
    {
        _transport = transport;
        _exchange = exchange;
        _stream = stream;
        _seal = new RecordCipher(acquaintance.SendKey);
        _open = new RecordCipher(acquaintance.ReceiveKey);
    }

    /// <summary>Runs until the connection is over, and says why it is.</summary>
    internal async Task<string> Run(CancellationToken token)
    {
        using var linked = token.UnsafeRegister(static state => ((Connection)state!).End("this silo closed"), this);
        using var pings = _transport.Silo.Clock.Time.CreateTimer(static state => ((Connection)state!).Ping(), this, TimeSpan.Zero,
            _transport.PingPeriod);
        await Task.WhenAll(Guarded(WriteLoop), Guarded(ReadLoop)).ConfigureAwait(false);
        return _why;
    }

    public void Dispose()
    {
        _seal.Dispose();
        _open.Dispose();
        _stream.Dispose();
        _ended.Dispose();
    }

    private void Ping()
    {
        if (Interlocked.Increment(ref _silentPings) > MaxSilentPings)
            End("it was silent for too long");
        else
            _exchange.Post(_transport.Standing(MessageKind.Ping, (ulong)_transport.Silo.Lease.Now));
    }

    private void End(string why)
    {
        if (_ended.IsCancellationRequested)
            return;
        _why = why;
        _ended.CancelIfAlive();
    }

    private async Task Guarded(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_ended.Token).ConfigureAwait(false);
            End("the other side closed");
        }
        catch (OperationCanceledException)
        {
            // The other loop ended first and said why.
        }
        catch (WireException malformed)
        {
            _transport.Counters.Malformed();
            _transport.Silo.Log.ConnectionMalformed(malformed, _exchange.Other);
            End(malformed.Message);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            End(failure.Message);
        }
        catch (Exception bug)
        {
            // Whatever it was, this connection cannot go on in the middle of it, and nobody else must suffer from it.
            _transport.Silo.Log.ConnectionMalformed(bug, _exchange.Other);
            End(bug.Message);
        }
    }

    private async Task WriteLoop(CancellationToken token)
    {
        var batch = new ArrayBufferWriter<byte>(BatchBytes);
        var output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: BatchBytes, leaveOpen: true));
        while (await _exchange.Queue.WaitToReadAsync(token).ConfigureAwait(false))
        {
            batch.ResetWrittenCount();
            while (batch.WrittenCount < BatchBytes && _exchange.Queue.TryRead(out var item))
                _exchange.Write(item, batch);
            if (batch.WrittenCount == 0)
                continue;
            _seal.Seal(batch.WrittenSpan, output.GetSpan(batch.WrittenCount + RecordCipher.Overhead));
            output.Advance(batch.WrittenCount + RecordCipher.Overhead);
            await output.FlushAsync(token).ConfigureAwait(false);
            // One huge message must not hold its memory for the life of the connection.
            if (batch.Capacity > 16 * BatchBytes)
                batch = new ArrayBufferWriter<byte>(BatchBytes);
        }
    }

    private async Task ReadLoop(CancellationToken token)
    {
        var input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BatchBytes, leaveOpen: true));
        while (true)
        {
            var result = await input.ReadAsync(token).ConfigureAwait(false);
            var buffer = result.Buffer;
            while (TakeRecord(ref buffer) is { } plain)
            {
                Interlocked.Exchange(ref _silentPings, 0);
                TakeMessages(plain);
                await _exchange.AnswersTaken().ConfigureAwait(false);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted)
                continue;
            if (!buffer.IsEmpty)
                throw new WireException("The connection ends in the middle of a record.");
            return;
        }
    }

    /// <summary>The next record, opened; null when it has not come whole yet.</summary>
    private byte[]? TakeRecord(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < RecordCipher.HeaderBytes)
            return null;
        Span<byte> header = stackalloc byte[RecordCipher.HeaderBytes];
        buffer.Slice(0, RecordCipher.HeaderBytes).CopyTo(header);
        var length = WireAddress.ReadLength(header);
        // Looked at before it is waited for: a length that nobody sends must not make us buffer.
        if (length < RecordCipher.TagBytes || length > _transport.MaxMessageBytes + (4 * BatchBytes))
            throw new WireException($"A record of {length} bytes.");
        if (buffer.Length < RecordCipher.HeaderBytes + length)
            return null;
        var body = buffer.Slice(RecordCipher.HeaderBytes, length);
        var plain = new byte[length - RecordCipher.TagBytes];
        var opened = body.IsSingleSegment
            ? _open.TryOpen(header, body.FirstSpan, plain)
            : _open.TryOpen(header, body.ToArray(), plain);
        if (!opened)
            throw new WireException("A record that the other side did not seal.");
        buffer = buffer.Slice(RecordCipher.HeaderBytes + length);
        return plain;
    }

    private void TakeMessages(byte[] plain)
    {
        var rest = (ReadOnlyMemory<byte>)plain;
        while (!rest.IsEmpty)
        {
            var reader = new WireReader(rest);
            var message = reader.Bytes(reader.Length(rest.Length));
            rest = reader.Rest;
            _exchange.Read(message);
        }
    }
}
