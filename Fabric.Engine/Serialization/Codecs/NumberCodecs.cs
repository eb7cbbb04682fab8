using System.Runtime.CompilerServices;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

// Here zero is written as a number: these codecs stand behind nullable types and elements, where Default means null.

internal sealed class BooleanCodec : Codec<bool>
{
    public override void Write(ref MessageWriter writer, uint delta, bool value) => writer.WritePresent(delta, value ? 1u : 0u);

    public override bool Read(ref MessageReader reader, WireKind kind) => reader.ReadBoolean(kind);
}

internal sealed class ByteCodec : Codec<byte>
{
    public override void Write(ref MessageWriter writer, uint delta, byte value) => writer.WritePresent(delta, value);

    public override byte Read(ref MessageReader reader, WireKind kind) => reader.ReadByte(kind);
}

internal sealed class SByteCodec : Codec<sbyte>
{
    public override void Write(ref MessageWriter writer, uint delta, sbyte value) =>
        writer.WritePresent(delta, MessageWriter.ZigZag(value));

    public override sbyte Read(ref MessageReader reader, WireKind kind) => reader.ReadSByte(kind);
}

internal sealed class Int16Codec : Codec<short>
{
    public override void Write(ref MessageWriter writer, uint delta, short value) =>
        writer.WritePresent(delta, MessageWriter.ZigZag(value));

    public override short Read(ref MessageReader reader, WireKind kind) => reader.ReadInt16(kind);
}

internal sealed class UInt16Codec : Codec<ushort>
{
    public override void Write(ref MessageWriter writer, uint delta, ushort value) => writer.WritePresent(delta, value);

    public override ushort Read(ref MessageReader reader, WireKind kind) => reader.ReadUInt16(kind);
}

internal sealed class CharCodec : Codec<char>
{
    public override void Write(ref MessageWriter writer, uint delta, char value) => writer.WritePresent(delta, value);

    public override char Read(ref MessageReader reader, WireKind kind) => reader.ReadChar(kind);
}

internal sealed class Int32Codec : Codec<int>
{
    public override void Write(ref MessageWriter writer, uint delta, int value) =>
        writer.WritePresent(delta, MessageWriter.ZigZag(value));

    public override int Read(ref MessageReader reader, WireKind kind) => reader.ReadInt32(kind);
}

internal sealed class UInt32Codec : Codec<uint>
{
    public override void Write(ref MessageWriter writer, uint delta, uint value) => writer.WritePresent(delta, value);

    public override uint Read(ref MessageReader reader, WireKind kind) => reader.ReadUInt32(kind);
}

internal sealed class Int64Codec : Codec<long>
{
    public override void Write(ref MessageWriter writer, uint delta, long value) =>
        writer.WritePresent(delta, MessageWriter.ZigZag(value));

    public override long Read(ref MessageReader reader, WireKind kind) => reader.ReadInt64(kind);
}

internal sealed class UInt64Codec : Codec<ulong>
{
    public override void Write(ref MessageWriter writer, uint delta, ulong value) => writer.WritePresent(delta, value);

    public override ulong Read(ref MessageReader reader, WireKind kind) => reader.ReadUInt64(kind);
}

internal sealed class SingleCodec : Codec<float>
{
    public override void Write(ref MessageWriter writer, uint delta, float value) => writer.Write(delta, value);

    public override float Read(ref MessageReader reader, WireKind kind) => reader.ReadSingle(kind);
}

internal sealed class DoubleCodec : Codec<double>
{
    public override void Write(ref MessageWriter writer, uint delta, double value) => writer.Write(delta, value);

    public override double Read(ref MessageReader reader, WireKind kind) => reader.ReadDouble(kind);
}

/// <summary>Types of 16 bytes without pointers, as they lie in memory.</summary>
internal sealed class Fixed128Codec<T> : Codec<T> where T : unmanaged
{
    public override void Write(ref MessageWriter writer, uint delta, T value) =>
        writer.WriteFixed128(delta, Unsafe.BitCast<T, UInt128>(value));

    public override T Read(ref MessageReader reader, WireKind kind) => Unsafe.BitCast<UInt128, T>(reader.ReadFixed128(kind));
}

internal sealed class DecimalCodec : Codec<decimal>
{
    public override void Write(ref MessageWriter writer, uint delta, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var high = ((ulong)(uint)parts[3] << 32) | (uint)parts[2];
        var low = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        writer.WriteFixed128(delta, new UInt128(high, low));
    }

    // The constructor refuses what is no decimal.
    public override decimal Read(ref MessageReader reader, WireKind kind)
    {
        var bits = reader.ReadFixed128(kind);
        var (high, low) = ((ulong)(bits >> 64), (ulong)bits);
        return new decimal([(int)low, (int)(low >> 32), (int)high, (int)(high >> 32)]);
    }
}

internal sealed class EnumCodec<T> : Codec<T> where T : struct, Enum
{
    public override void Write(ref MessageWriter writer, uint delta, T value) => writer.WritePresent(delta, MessageWriter.ZigZag(
        Unsafe.SizeOf<T>() switch
        {
            1 => Unsafe.BitCast<T, sbyte>(value),
            2 => Unsafe.BitCast<T, short>(value),
            4 => Unsafe.BitCast<T, int>(value),
            _ => Unsafe.BitCast<T, long>(value),
        }));

    /// <summary>A member that this version does not have keeps its number.</summary>
    public override T Read(ref MessageReader reader, WireKind kind) => Unsafe.SizeOf<T>() switch
    {
        1 => Unsafe.BitCast<sbyte, T>(reader.ReadSByte(kind)),
        2 => Unsafe.BitCast<short, T>(reader.ReadInt16(kind)),
        4 => Unsafe.BitCast<int, T>(reader.ReadInt32(kind)),
        _ => Unsafe.BitCast<long, T>(reader.ReadInt64(kind)),
    };
}

internal sealed class NullableCodec<T> : Codec<T?> where T : struct
{
    private Codec<T> _inner = null!;

    public override void Bind(CodecProvider codecs) => _inner = codecs.Get<T>();

    public override void Write(ref MessageWriter writer, uint delta, T? value)
    {
        if (value is { } present)
            _inner.Write(ref writer, delta, present);
        else
            writer.WriteHeader(delta, WireKind.Default);
    }

    public override T? Read(ref MessageReader reader, WireKind kind) =>
        kind == WireKind.Default ? null : _inner.Read(ref reader, kind);
}
