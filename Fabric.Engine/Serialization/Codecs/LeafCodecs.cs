using System.Text.Json;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>Text is a value: the same string twice in a message is written twice.</summary>
internal sealed class StringCodec : Codec<string?>
{
    public override void Write(ref MessageWriter writer, uint delta, string? value) => writer.Write(delta, value);

    public override string? Read(ref MessageReader reader, WireKind kind) => reader.ReadString(kind);
}

internal sealed class TimeSpanCodec : Codec<TimeSpan>
{
    public override void Write(ref MessageWriter writer, uint delta, TimeSpan value) =>
        writer.WritePresent(delta, MessageWriter.ZigZag(value.Ticks));

    public override TimeSpan Read(ref MessageReader reader, WireKind kind) => new(reader.ReadInt64(kind));
}

internal sealed class DateTimeCodec : Codec<DateTime>
{
    private const ulong KindShift = 62;

    // Ticks and kind as they are; ToBinary would turn local time into the reader's zone.
    public override void Write(ref MessageWriter writer, uint delta, DateTime value) =>
        writer.WriteFixed64(delta, value.Ticks | ((long)value.Kind << (int)KindShift));

    public override DateTime Read(ref MessageReader reader, WireKind kind)
    {
        var bits = (ulong)reader.ReadFixed64(kind);
        return new DateTime((long)(bits & ((1UL << (int)KindShift) - 1)), (DateTimeKind)(bits >> (int)KindShift));
    }
}

/// <summary>The ticks of UTC; with an offset other than zero, that too.</summary>
internal sealed class DateTimeOffsetCodec : Codec<DateTimeOffset>
{
    public override void Write(ref MessageWriter writer, uint delta, DateTimeOffset value)
    {
        if (value.Offset == TimeSpan.Zero)
            writer.WriteFixed64(delta, value.Ticks);
        else
            writer.WriteFixed128(delta, new UInt128((ulong)value.Offset.Ticks, (ulong)value.Ticks));
    }

    public override DateTimeOffset Read(ref MessageReader reader, WireKind kind)
    {
        if (kind != WireKind.Fixed128)
            return new DateTimeOffset(reader.ReadFixed64(kind), TimeSpan.Zero);
        var bits = reader.ReadFixed128(kind);
        return new DateTimeOffset((long)(ulong)bits, new TimeSpan((long)(ulong)(bits >> 64)));
    }
}

internal sealed class DateOnlyCodec : Codec<DateOnly>
{
    public override void Write(ref MessageWriter writer, uint delta, DateOnly value) =>
        writer.WritePresent(delta, (ulong)value.DayNumber);

    public override DateOnly Read(ref MessageReader reader, WireKind kind) =>
        DateOnly.FromDayNumber(checked((int)reader.ReadUInt64(kind)));
}

internal sealed class TimeOnlyCodec : Codec<TimeOnly>
{
    public override void Write(ref MessageWriter writer, uint delta, TimeOnly value) => writer.WritePresent(delta, (ulong)value.Ticks);

    public override TimeOnly Read(ref MessageReader reader, WireKind kind) => new(checked((long)reader.ReadUInt64(kind)));
}

/// <summary>Types that have a text form that says all: ids, addresses, versions.</summary>
internal sealed class TextCodec<T>(Func<T, string> format, Func<string, T> parse) : Codec<T>
{
    public override void Write(ref MessageWriter writer, uint delta, T value) =>
        writer.Write(delta, value is null ? null : format(value));

    public override T Read(ref MessageReader reader, WireKind kind) =>
        reader.ReadString(kind) is { } text ? parse(text) : default!;
}

internal sealed class JsonElementCodec : Codec<JsonElement>
{
    public override void Write(ref MessageWriter writer, uint delta, JsonElement value)
    {
        writer.WriteBytes(delta, value.ValueKind == JsonValueKind.Undefined ? [] : JsonSerializer.SerializeToUtf8Bytes(value));
    }

    public override JsonElement Read(ref MessageReader reader, WireKind kind)
    {
        if (kind == WireKind.Default)
            return default;
        var bytes = kind == WireKind.Bytes ? reader.ReadBytes() : throw reader.Unexpected(kind);
        if (bytes.IsEmpty)
            return default;
        var json = new Utf8JsonReader(bytes);
        return JsonElement.ParseValue(ref json);
    }
}

internal sealed class ByteArrayCodec : Codec<byte[]?>
{
    public override void Write(ref MessageWriter writer, uint delta, byte[]? value)
    {
        if (value is null)
            writer.WriteHeader(delta, WireKind.Default);
        else if (!writer.TryWriteReference(delta, value))
            writer.WriteBytes(delta, value);
    }

    public override byte[]? Read(ref MessageReader reader, WireKind kind)
    {
        if (kind == WireKind.Default)
            return null;
        if (kind == WireKind.Reference)
            return reader.ReadReference(this) as byte[] ?? throw reader.Malformed("reference");
        if (kind != WireKind.Bytes)
            throw reader.Unexpected(kind);
        var position = reader.HeaderPosition;
        var value = reader.ReadBytes().ToArray();
        reader.Session.Add(position, value);
        return value;
    }
}

internal sealed class ReadOnlyMemoryCodec : Codec<ReadOnlyMemory<byte>>
{
    public override void Write(ref MessageWriter writer, uint delta, ReadOnlyMemory<byte> value) => writer.WriteBytes(delta, value.Span);

    public override ReadOnlyMemory<byte> Read(ref MessageReader reader, WireKind kind) => kind switch
    {
        WireKind.Bytes => reader.ReadBytes().ToArray(),
        WireKind.Default => default,
        _ => throw reader.Unexpected(kind),
    };
}

internal sealed class MemoryCodec : Codec<Memory<byte>>
{
    public override void Write(ref MessageWriter writer, uint delta, Memory<byte> value) => writer.WriteBytes(delta, value.Span);

    public override Memory<byte> Read(ref MessageReader reader, WireKind kind) => kind switch
    {
        WireKind.Bytes => reader.ReadBytes().ToArray(),
        WireKind.Default => default,
        _ => throw reader.Unexpected(kind),
    };
}

/// <summary>A value declared as object, an interface or an abstract class: it says its type.</summary>
internal sealed class PolymorphicCodec<T> : Codec<T?> where T : class
{
    public override void Write(ref MessageWriter writer, uint delta, T? value)
    {
        if (value is null)
            writer.WriteHeader(delta, WireKind.Default);
        else
            writer.Codecs.WriteTyped(ref writer, delta, value);
    }

    public override T? Read(ref MessageReader reader, WireKind kind) => kind switch
    {
        WireKind.Default => null,
        WireKind.Typed => (T?)reader.Codecs.ReadTyped(ref reader, typeof(T)),
        _ => throw reader.Unexpected(kind),
    };
}
