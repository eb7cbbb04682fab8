using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Fabric.Engine.Serialization;

namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// Writes values as <see cref="WireKind"/> describes them. The message is collected in one array and copied out when it is whole: a value
/// that turns out to have no codec leaves no half message behind.
/// </summary>
public ref struct MessageWriter
{
    /// <summary>Deeper nesting is refused, by the reader too: recursion must end before the stack does.</summary>
    internal const int MaximumDepth = 256;

    private readonly WriteSession _session;
    private byte[] _buffer;
    private int _position;
    private int _depth;

    internal MessageWriter(WriteSession session, CodecProvider codecs)
    {
        _session = session;
        _buffer = session.Buffer;
        Codecs = codecs;
    }

    internal CodecProvider Codecs { get; }

    internal readonly int Position => _position;

    internal readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _position);

    public void Write(uint delta, bool value)
    {
        WriteHeader(delta, value ? WireKind.Varint : WireKind.Default);
        if (value)
            Append(1);
    }

    public void Write(uint delta, byte value) => Write(delta, (ulong)value);

    public void Write(uint delta, sbyte value) => Write(delta, (long)value);

    public void Write(uint delta, short value) => Write(delta, (long)value);

    public void Write(uint delta, ushort value) => Write(delta, (ulong)value);

    public void Write(uint delta, char value) => Write(delta, (ulong)value);

    public void Write(uint delta, int value) => Write(delta, (long)value);

    public void Write(uint delta, uint value) => Write(delta, (ulong)value);

    public void Write(uint delta, long value) => Write(delta, ZigZag(value));

    public void Write(uint delta, ulong value)
    {
        if (value == 0)
            WriteHeader(delta, WireKind.Default);
        else
            WritePresent(delta, value);
    }

    public void Write(uint delta, float value)
    {
        WriteHeader(delta, WireKind.Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(Take(sizeof(float)), value);
    }

    public void Write(uint delta, double value)
    {
        WriteHeader(delta, WireKind.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(Take(sizeof(double)), value);
    }

    public void Write(uint delta, string? value)
    {
        if (value is null)
        {
            WriteHeader(delta, WireKind.Default);
            return;
        }

        WriteHeader(delta, WireKind.Bytes);
        WriteText(value);
    }

    /// <summary>A number that is there even when it is zero: null is something else.</summary>
    internal void WritePresent(uint delta, ulong value)
    {
        WriteHeader(delta, WireKind.Varint);
        WriteVarint(value);
    }

    internal static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    internal void WriteFixed64(uint delta, long value)
    {
        WriteHeader(delta, WireKind.Fixed64);
        BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);
    }

    internal void WriteFixed128(uint delta, UInt128 value)
    {
        WriteHeader(delta, WireKind.Fixed128);
        BinaryPrimitives.WriteUInt128LittleEndian(Take(16), value);
    }

    internal void WriteBytes(uint delta, ReadOnlySpan<byte> value)
    {
        WriteHeader(delta, WireKind.Bytes);
        WriteVarint((ulong)value.Length);
        WriteRaw(value);
    }

    internal void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    internal void WriteText(string value)
    {
        // Text this short has a length of one byte however it is encoded.
        if (value.Length * 3 < 0x80)
        {
            Reserve(1 + value.Length * 3);
            var written = Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_position + 1));
            _buffer[_position] = (byte)written;
            _position += 1 + written;
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Begins a sequence; the elements follow, each as a value with distance 0.</summary>
    internal void WriteSequence(uint delta, int count)
    {
        WriteHeader(delta, WireKind.Sequence);
        WriteVarint((ulong)count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WriteHeader(uint delta, WireKind kind)
    {
        if (delta < 8)
            Append((byte)((delta << 4) | (uint)kind));
        else
            WriteVarint(((ulong)delta << 4) | (uint)kind);
    }

    /// <summary>Begins an object; <see cref="End"/> ends it.</summary>
    internal void Begin(uint delta)
    {
        WriteHeader(delta, WireKind.Object);
        Enter();
    }

    internal void End()
    {
        Append((byte)WireKind.End);
        Leave();
    }

    /// <summary>Ends the fields of a base type; generated code then writes those of the derived type.</summary>
    public void EndBase() => Append((byte)WireKind.EndBase);

    internal void Enter()
    {
        if (++_depth > MaximumDepth)
            throw new CodecException($"The value is nested deeper than {MaximumDepth} levels.");
    }

    internal void Leave() => _depth--;

    /// <summary>True when the object was written before and a reference to it is enough.</summary>
    internal bool TryWriteReference(uint delta, object value)
    {
        var known = _session.FindOrAdd(value, _position);
        if (known < 0)
            return false;
        WriteHeader(delta, WireKind.Reference);
        WriteVarint((ulong)known);
        return true;
    }

    internal void WriteVarint(ulong value)
    {
        Reserve(10);
        ref var start = ref MemoryMarshal.GetArrayDataReference(_buffer);
        var at = _position;
        while (value >= 0x80)
        {
            Unsafe.Add(ref start, at++) = (byte)(value | 0x80);
            value >>= 7;
        }

        Unsafe.Add(ref start, at++) = (byte)value;
        _position = at;
    }

    /// <summary>Starts over with an empty message.</summary>
    internal void Rewind()
    {
        _position = 0;
        _depth = 0;
        _session.Forget();
    }

    internal void Append(byte value)
    {
        if (_position == _buffer.Length)
            Grow(1);
        _buffer[_position++] = value;
    }

    private Span<byte> Take(int length)
    {
        Reserve(length);
        var span = _buffer.AsSpan(_position, length);
        _position += length;
        return span;
    }

    private void Reserve(int length)
    {
        if (_buffer.Length - _position < length)
            Grow(length);
    }

    private void Grow(int length)
    {
        var larger = new byte[(int)Math.Min(Array.MaxLength, Math.Max((long)_buffer.Length * 2, (long)_position + length))];
        if (larger.Length - _position < length)
            throw new CodecException("The message is too large.");
        Written.CopyTo(larger);
        _buffer = larger;
        _session.Buffer = larger;
    }
}
