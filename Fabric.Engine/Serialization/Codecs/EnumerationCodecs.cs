using System.Runtime.CompilerServices;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>What the requests of an enumeration have in common.</summary>
internal static class Enumerations
{
    // The engine's own requests stand under a name that no interface can have.
    internal const string Interface = "$enumerable";

    internal static IEnumerable<RequestEntry> Requests =>
    [
        new(Interface, "next", typeof(NextPage<>), typeof(NextPageCodec<>), null),
        new(Interface, "stop", typeof(StopEnumeration), typeof(StopEnumerationCodec), static () => new StopEnumerationCodec()),
    ];

    internal static void WriteStart(ref MessageWriter writer, Guid id, int batchSize)
    {
        writer.WriteFixed128(0, Unsafe.BitCast<Guid, UInt128>(id));
        writer.WritePresent(0, (uint)batchSize);
    }

    internal static (Guid Id, int BatchSize) ReadStart(ref MessageReader reader)
    {
        var id = Unsafe.BitCast<UInt128, Guid>(reader.ReadFixed128(reader.NextElement()));
        var size = reader.ReadUInt64(reader.NextElement());
        return size is > 0 and <= int.MaxValue ? (id, (int)size) : throw reader.Malformed("batch size");
    }
}

internal sealed class NextPageCodec<T> : RequestCodec<NextPage<T>, EnumerationPage<T>>
{
    private protected override void WriteStart(ref MessageWriter writer, NextPage<T> request) =>
        Enumerations.WriteStart(ref writer, request.EnumerationId, request.BatchSize);

    private protected override void ReadStart(ref MessageReader reader, NextPage<T> request) =>
        (request.EnumerationId, request.BatchSize) = Enumerations.ReadStart(ref reader);
}

internal sealed class StopEnumerationCodec : RequestCodec<StopEnumeration, Nothing>
{
    private protected override void WriteStart(ref MessageWriter writer, StopEnumeration request) =>
        Enumerations.WriteStart(ref writer, request.EnumerationId, 1);

    private protected override void ReadStart(ref MessageReader reader, StopEnumeration request) =>
        (request.EnumerationId, _) = Enumerations.ReadStart(ref reader);
}

internal sealed class EnumerationPageCodec<T> : StructCodec<EnumerationPage<T>>
{
    private Codec<IReadOnlyList<T>> _items = null!;

    public override void Bind(CodecProvider codecs) => _items = codecs.Get<IReadOnlyList<T>>();

    protected override void WriteFields(ref MessageWriter writer, in EnumerationPage<T> value)
    {
        _items.Write(ref writer, 0, value.Items);
        writer.Write(1, value.IsLast);
    }

    protected override bool ReadFields(ref MessageReader reader, ref EnumerationPage<T> value)
    {
        value = new EnumerationPage<T>([], isLast: false);
        uint id = 0;
        WireKind kind;
        while (reader.NextField(ref id, out kind))
        {
            if (id == 0)
                value = new(_items.Read(ref reader, kind) ?? [], value.IsLast);
            else if (id == 1)
                value = new(value.Items, reader.ReadBoolean(kind));
            else
                reader.Skip(kind);
        }

        return kind == WireKind.EndBase;
    }
}
