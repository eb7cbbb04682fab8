using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Bytes that no silo of ours would send. They cost their sender the connection.</summary>
internal sealed class WireException(string message) : IOException(message);

/// <summary>The kinds of messages that silos exchange once they know each other.</summary>
internal enum MessageKind : byte
{
    /// <summary>A call that waits for an answer.</summary>
    Request = 1,

    /// <summary>A call that nobody waits for.</summary>
    OneWay = 2,

    /// <summary>The result or the exception of a request.</summary>
    Answer = 3,

    /// <summary>A request came to something that cannot be put into bytes.</summary>
    Unanswerable = 4,

    /// <summary>A request was surely not executed, and why.</summary>
    Rejection = 5,

    /// <summary>The caller of a request does not want its answer any more.</summary>
    Cancel = 6,

    /// <summary>Are you there? With it comes how the sender stands with its lease.</summary>
    Ping = 7,

    /// <summary>The answer to a ping.</summary>
    Pong = 8,

    /// <summary>A membership view.</summary>
    View = 9,

    /// <summary>Let go of a grain: it belongs to the sender now.</summary>
    Release = 10,

    /// <summary>The grain is not active here and will not be.</summary>
    Released = 11,

    /// <summary>All that moved with a view is gone from the sender.</summary>
    Settled = 12,
}

/// <summary>What numbers and texts look like inside messages.</summary>
internal static class Wire
{
    // Longer than any id, tag or trace state that is not an attack.
    internal const int MaxText = 8192;

    internal static void Varint(IBufferWriter<byte> output, ulong value)
    {
        var span = output.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }

    internal static void Byte(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    internal static void Text(IBufferWriter<byte> output, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Varint(output, (ulong)length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(Math.Max(1, length))));
    }

    internal static void Bytes(IBufferWriter<byte> output, ReadOnlySpan<byte> value) => output.Write(value);

    internal static void Grain(IBufferWriter<byte> output, GrainId id)
    {
        Text(output, id.Type.ToString());
        Text(output, id.Key.ToString());
    }

    internal static void Trace(IBufferWriter<byte> output, ActivityContext context)
    {
        var span = output.GetSpan(25);
        context.TraceId.CopyTo(span[..16]);
        context.SpanId.CopyTo(span.Slice(16, 8));
        span[24] = (byte)context.TraceFlags;
        output.Advance(25);
        Text(output, context.TraceState ?? "");
    }
}

/// <summary>Reads what <see cref="Wire"/> wrote; anything else is a <see cref="WireException"/>.</summary>
internal ref struct WireReader(ReadOnlyMemory<byte> input)
{
    private readonly ReadOnlyMemory<byte> _input = input;
    private int _position;

    internal readonly bool IsAtEnd => _position == _input.Length;

    internal readonly ReadOnlyMemory<byte> Rest => _input[_position..];

    internal byte Byte() => _position < _input.Length ? _input.Span[_position++] : throw Short();

    internal ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new WireException("A number has more than 64 bits.");
    }

    internal int Length(int most)
    {
        var length = Varint();
        return length <= (ulong)most ? (int)length : throw new WireException($"A length of {length} where {most} is the most.");
    }

    internal ReadOnlyMemory<byte> Bytes(int length)
    {
        if (length > _input.Length - _position)
            throw Short();
        var taken = _input.Slice(_position, length);
        _position += length;
        return taken;
    }

    internal string Text() => Encoding.UTF8.GetString(Bytes(Length(Wire.MaxText)).Span);

    internal GrainId Grain()
    {
        var (type, key) = (Text(), Text());
        if (type.Length == 0 || key.Length == 0)
            throw new WireException("A grain id without type or key.");
        return new GrainId(GrainType.Create(type), IdSpan.Create(key));
    }

    internal ActivityContext Trace()
    {
        var bytes = Bytes(25).Span;
        var state = Text();
        return new ActivityContext(ActivityTraceId.CreateFromBytes(bytes[..16]), ActivitySpanId.CreateFromBytes(bytes.Slice(16, 8)),
            (ActivityTraceFlags)bytes[24], state.Length == 0 ? null : state, isRemote: true);
    }

    private static WireException Short() => new("A message ends in the middle of a value.");
}

/// <summary>Addresses of silos in messages.</summary>
internal static class WireAddress
{
    /// <summary>The longest: an IPv6 address with its scope, port and generation.</summary>
    internal const int Width = 96;

    /// <summary>As a field of fixed width, for what is read before the sender is known.</summary>
    internal static void Fixed(SiloAddress? address, Span<byte> field)
    {
        field.Clear();
        Encoding.ASCII.GetBytes(address?.ToParsableString() ?? "", field);
    }

    internal static SiloAddress? Fixed(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        var text = Encoding.ASCII.GetString(end < 0 ? field : field[..end]);
        return text.Length == 0 ? null : Parse(text);
    }

    internal static SiloAddress Parse(string text)
    {
        try
        {
            return SiloAddress.FromParsableString(text);
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException or ArgumentException)
        {
            throw new WireException("A silo address cannot be read.");
        }
    }

    internal static int ReadLength(ReadOnlySpan<byte> field) => (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(field));
}
