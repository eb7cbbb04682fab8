using System.Buffers.Binary;
using System.Text;
using Fabric.Engine.Serialization;

namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// Reads what <see cref="MessageWriter"/> wrote. It trusts nothing: each length and count is held against the bytes that are left before
/// anything is allocated for it, nesting is bounded, and whatever does not fit is a <see cref="CodecException"/>.
/// </summary>
public ref struct MessageReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _input;
    private int _position;
    private int _depth;

    internal MessageReader(ReadOnlySpan<byte> input, ReadSession session)
    {
        _input = input;
        Session = session;
        session.RereadBudget = 4L * input.Length;
    }

    internal ReadSession Session { get; }

    internal readonly CodecProvider Codecs => Session.Codecs;

    /// <summary>Where the header that was read last begins.</summary>
    internal int HeaderPosition { get; private set; }

    internal readonly int Remaining => _input.Length - _position;

    /// <summary>The next field's id and kind; false at the end of the object or of its base's fields.</summary>
    public bool NextField(ref uint id, out WireKind kind)
    {
        var header = ReadHeader();
        kind = (WireKind)(header & 15);
        var delta = header >> 4;
        if (delta > uint.MaxValue)
            throw Malformed("field id");
        id = unchecked(id + (uint)delta);
        return kind > WireKind.EndBase;
    }

    /// <summary>The kind of the next element of a sequence, or of a root.</summary>
    internal WireKind NextElement()
    {
        var kind = (WireKind)(ReadHeader() & 15);
        return kind > WireKind.EndBase ? kind : throw Malformed("element");
    }

    public bool ReadBoolean(WireKind kind) => ReadUInt64(kind) != 0;

    public byte ReadByte(WireKind kind) => checked((byte)ReadUInt64(kind));

    public sbyte ReadSByte(WireKind kind) => checked((sbyte)ReadInt64(kind));

    public short ReadInt16(WireKind kind) => checked((short)ReadInt64(kind));

    public ushort ReadUInt16(WireKind kind) => checked((ushort)ReadUInt64(kind));

    public char ReadChar(WireKind kind) => checked((char)ReadUInt64(kind));

    public int ReadInt32(WireKind kind) => checked((int)ReadInt64(kind));

    public uint ReadUInt32(WireKind kind) => checked((uint)ReadUInt64(kind));

    public long ReadInt64(WireKind kind)
    {
        var value = ReadUInt64(kind);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong ReadUInt64(WireKind kind) => kind switch
    {
        WireKind.Varint => ReadVarint(),
        WireKind.Default => 0,
        _ => throw Unexpected(kind),
    };

    public float ReadSingle(WireKind kind) => kind switch
    {
        WireKind.Fixed32 => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float))),
        WireKind.Default => 0,
        _ => throw Unexpected(kind),
    };

    public double ReadDouble(WireKind kind) => kind switch
    {
        WireKind.Fixed64 => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double))),
        WireKind.Fixed32 => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float))),
        WireKind.Default => 0,
        _ => throw Unexpected(kind),
    };

    public string? ReadString(WireKind kind) => kind switch
    {
        WireKind.Bytes => ReadText(),
        WireKind.Default => null,
        _ => throw Unexpected(kind),
    };

    internal long ReadFixed64(WireKind kind) => kind == WireKind.Fixed64
        ? BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)))
        : kind == WireKind.Default ? 0 : throw Unexpected(kind);

    internal UInt128 ReadFixed128(WireKind kind) => kind == WireKind.Fixed128
        ? BinaryPrimitives.ReadUInt128LittleEndian(Take(16))
        : kind == WireKind.Default ? UInt128.Zero : throw Unexpected(kind);

    internal ReadOnlySpan<byte> ReadBytes() => Take(ReadLength());

    internal string ReadText()
    {
        var bytes = ReadBytes();
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException invalid)
        {
            throw new CodecException("A text is not UTF-8.", invalid);
        }
    }

    /// <summary>The number of elements of a sequence. Each takes a byte at least, so a count beyond what is left is a lie.</summary>
    internal int ReadCount()
    {
        var count = ReadVarint();
        return count <= (ulong)Remaining ? (int)count : throw Malformed("count");
    }

    internal void Enter()
    {
        if (++_depth > MessageWriter.MaximumDepth)
            throw new CodecException($"The message is nested deeper than {MessageWriter.MaximumDepth} levels.");
    }

    internal void Leave() => _depth--;

    /// <summary>Steps over a value whose header was read.</summary>
    public void Skip(WireKind kind)
    {
        switch (kind)
        {
            case WireKind.Default:
                break;
            case WireKind.Varint or WireKind.Reference:
                ReadVarint();
                break;
            case WireKind.Fixed32:
                Take(4);
                break;
            case WireKind.Fixed64:
                Take(8);
                break;
            case WireKind.Fixed128:
                Take(16);
                break;
            case WireKind.Bytes:
                ReadBytes();
                break;
            case WireKind.Object or WireKind.Sequence or WireKind.Typed:
                Enter();
                SkipNested(kind);
                Leave();
                break;
            default:
                throw Unexpected(kind);
        }
    }

    /// <summary>Steps over what is left of an object: levels of inheritance that this version does not have.</summary>
    internal void SkipFields()
    {
        uint id = 0;
        while (true)
        {
            if (NextField(ref id, out var kind))
                Skip(kind);
            else if (kind == WireKind.End)
                return;
        }
    }

    private void SkipNested(WireKind kind)
    {
        if (kind == WireKind.Object)
        {
            SkipFields();
            return;
        }

        if (kind == WireKind.Typed)
        {
            TypeNames.Skip(ref this, 0);
            Skip(NextElement());
            return;
        }

        for (var left = ReadCount(); left > 0; left--)
            Skip(NextElement());
    }

    /// <summary>The object that stands at the position which a reference gives. It was read before; or it was skipped, because this
    /// version does not know the field that it first stood in: then it is read now.</summary>
    internal object ReadReference(Codec codec)
    {
        var header = HeaderPosition;
        var target = ReadVarint();
        if (target >= (ulong)header)
            throw Malformed("reference");
        if (Session.Find((int)target) is { } known)
            return known;
        var resume = _position;
        Enter();
        Session.Rereading++;
        _position = (int)target;
        var value = codec.ReadBoxed(ref this, NextElement()) ?? throw Malformed("reference");
        Session.RereadBudget -= _position - (int)target;
        Session.Rereading--;
        Leave();
        _position = resume;
        return Session.RereadBudget >= 0 ? value : throw Malformed("reference");
    }

    internal ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _input.Length)
                throw Malformed("end");
            var next = _input[_position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return shift < 63 || next <= 1 ? value : throw Malformed("number");
        }

        throw Malformed("number");
    }

    /// <summary>A whole message was read: nothing may be left.</summary>
    internal readonly void ExpectEnd()
    {
        if (Remaining > 0)
            throw Malformed("more bytes than the message has");
    }

    internal byte ReadRawByte() => Take(1)[0];

    internal readonly CodecException Malformed(string what) => new($"The message is malformed at byte {_position}: {what}.");

    internal readonly CodecException Unexpected(WireKind kind) =>
        new($"The message is malformed at byte {_position}: {kind} is not what the type is written as.");

    private ulong ReadHeader()
    {
        HeaderPosition = _position;
        return _position < _input.Length && _input[_position] < 0x80 ? _input[_position++] : ReadVarint();
    }

    private int ReadLength()
    {
        var length = ReadVarint();
        return length <= (ulong)Remaining ? (int)length : throw Malformed("length");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Remaining)
            throw Malformed("end");
        var span = _input.Slice(_position, length);
        _position += length;
        return span;
    }
}
