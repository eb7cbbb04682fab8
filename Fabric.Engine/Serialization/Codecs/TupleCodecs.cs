using System.Runtime.CompilerServices;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>Tuples of every kind: an object whose fields are numbered from 0. Their items are taken and given by position, which boxes
/// values: a contract that cares for speed has records.</summary>
internal sealed class TupleCodec<T> : Codec<T> where T : notnull
{
    private static readonly Type[] Types = typeof(T).GetGenericArguments();

    private Codec[] _items = null!;

    public override void Bind(CodecProvider codecs) => _items = [.. Types.Select(codecs.Get)];

    public override void Write(ref MessageWriter writer, uint delta, T value)
    {
        if (value is null)
        {
            writer.WriteHeader(delta, WireKind.Default);
            return;
        }

        var tuple = (ITuple)value;
        writer.Begin(delta);
        for (var at = 0; at < _items.Length; at++)
        {
            var step = at == 0 ? 0u : 1u;
            if (tuple[at] is { } item)
                _items[at].WriteBoxed(ref writer, step, item);
            else
                writer.WriteHeader(step, WireKind.Default);
        }

        writer.End();
    }

    public override T Read(ref MessageReader reader, WireKind kind)
    {
        if (kind == WireKind.Default)
            return default!;
        if (kind != WireKind.Object)
            throw reader.Unexpected(kind);
        var items = new object?[Types.Length];
        reader.Enter();
        uint id = 0;
        while (reader.NextField(ref id, out var itemKind))
        {
            if (id < items.Length)
                items[id] = _items[id].ReadBoxed(ref reader, itemKind);
            else
                reader.Skip(itemKind);
        }

        reader.Leave();
        return (T)Activator.CreateInstance(typeof(T), items)!;
    }
}

internal sealed class KeyValuePairCodec<TKey, TValue> : StructCodec<KeyValuePair<TKey, TValue>>
{
    private Codec<TKey> _key = null!;
    private Codec<TValue> _value = null!;

    public override void Bind(CodecProvider codecs)
    {
        _key = codecs.Get<TKey>();
        _value = codecs.Get<TValue>();
    }

    protected override void WriteFields(ref MessageWriter writer, in KeyValuePair<TKey, TValue> value)
    {
        _key.Write(ref writer, 0, value.Key);
        _value.Write(ref writer, 1, value.Value);
    }

    protected override bool ReadFields(ref MessageReader reader, ref KeyValuePair<TKey, TValue> value)
    {
        uint id = 0;
        WireKind kind;
        while (reader.NextField(ref id, out kind))
        {
            if (id == 0)
                value = new(_key.Read(ref reader, kind), value.Value);
            else if (id == 1)
                value = new(value.Key, _value.Read(ref reader, kind));
            else
                reader.Skip(kind);
        }

        return kind == WireKind.EndBase;
    }
}
