using System.Collections.Immutable;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>
/// A map is a sequence of keys and values by turns. A comparer does not travel: a map is read with the default one, so keys that differ
/// only by it must not be told apart by who reads them.
/// </summary>
internal abstract class MapCodec<TMap, TKey, TValue> : Codec<TMap?> where TMap : class where TKey : notnull
{
    private Codec<TKey> _key = null!;
    private Codec<TValue> _value = null!;

    protected abstract bool KeepsIdentity { get; }

    public override void Bind(CodecProvider codecs)
    {
        _key = codecs.Get<TKey>();
        _value = codecs.Get<TValue>();
    }

    public sealed override void Write(ref MessageWriter writer, uint delta, TMap? value)
    {
        if (value is null)
        {
            writer.WriteHeader(delta, WireKind.Default);
            return;
        }

        if (KeepsIdentity && writer.TryWriteReference(delta, value))
            return;
        var entries = (IReadOnlyCollection<KeyValuePair<TKey, TValue>>)value;
        writer.Enter();
        writer.WriteSequence(delta, 2 * entries.Count);
        if (value is Dictionary<TKey, TValue> usual)
        {
            foreach (var (key, each) in usual)
                WriteEntry(ref writer, key, each);
        }
        else
        {
            foreach (var (key, each) in entries)
                WriteEntry(ref writer, key, each);
        }

        writer.Leave();
    }

    public sealed override TMap? Read(ref MessageReader reader, WireKind kind)
    {
        if (kind == WireKind.Default)
            return null;
        if (kind == WireKind.Reference)
            return reader.ReadReference(this) as TMap ?? throw reader.Malformed("reference");
        if (kind != WireKind.Sequence)
            throw reader.Unexpected(kind);
        var position = reader.HeaderPosition;
        if (KeepsIdentity && reader.Session.Rereading > 0 && reader.Session.Find(position) is TMap before)
        {
            reader.Skip(kind);
            return before;
        }

        var count = reader.ReadCount();
        if (count % 2 != 0)
            throw reader.Malformed("map");
        reader.Enter();
        var value = ReadEntries(ref reader, position, count / 2);
        reader.Leave();
        return value;
    }

    protected abstract TMap ReadEntries(ref MessageReader reader, int position, int count);

    protected void ReadInto<TMade>(ref MessageReader reader, TMade map, int count) where TMade : IDictionary<TKey, TValue>
    {
        for (; count > 0; count--)
        {
            var key = _key.Read(ref reader, reader.NextElement());
            if (key is null)
                throw reader.Malformed("key");
            var value = _value.Read(ref reader, reader.NextElement());
            if (!map.TryAdd(key, value))
                throw reader.Malformed("key");
        }
    }

    private void WriteEntry(ref MessageWriter writer, TKey key, TValue value)
    {
        _key.Write(ref writer, 0, key);
        _value.Write(ref writer, 0, value);
    }
}

/// <summary>Dictionary and the interfaces that it stands for. As a read-only one it is a value.</summary>
internal sealed class DictionaryCodec<TMap, TKey, TValue> : MapCodec<TMap, TKey, TValue> where TMap : class where TKey : notnull
{
    protected override bool KeepsIdentity => typeof(TMap) != typeof(IReadOnlyDictionary<TKey, TValue>);

    protected override TMap ReadEntries(ref MessageReader reader, int position, int count)
    {
        const int RoomAtFirst = 512;
        var map = new Dictionary<TKey, TValue>(Math.Min(count, RoomAtFirst));
        if (KeepsIdentity)
            reader.Session.Add(position, map);
        ReadInto(ref reader, map, count);
        return (TMap)(object)map;
    }
}

internal sealed class SortedDictionaryCodec<TKey, TValue> : MapCodec<SortedDictionary<TKey, TValue>, TKey, TValue> where TKey : notnull
{
    protected override bool KeepsIdentity => true;

    protected override SortedDictionary<TKey, TValue> ReadEntries(ref MessageReader reader, int position, int count)
    {
        var map = new SortedDictionary<TKey, TValue>();
        reader.Session.Add(position, map);
        ReadInto(ref reader, map, count);
        return map;
    }
}

internal sealed class ImmutableDictionaryCodec<TMap, TKey, TValue>(Func<Dictionary<TKey, TValue>, TMap> make)
    : MapCodec<TMap, TKey, TValue> where TMap : class, IImmutableDictionary<TKey, TValue> where TKey : notnull
{
    protected override bool KeepsIdentity => false;

    protected override TMap ReadEntries(ref MessageReader reader, int position, int count)
    {
        var map = new Dictionary<TKey, TValue>();
        ReadInto(ref reader, map, count);
        return make(map);
    }
}
