using System.Collections.Immutable;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>What all sequences share. A collection that its receiver may change keeps its identity; a read-only one is a value.</summary>
internal abstract class SequenceCodec<TCollection, TElement> : Codec<TCollection?>
{
    // What a message claims beyond this must be there before there is room for it: a struct may be far larger than its bytes.
    protected const int RoomAtFirst = 1024;

    protected Codec<TElement> Element { get; private set; } = null!;

    protected virtual bool KeepsIdentity => true;

    public override void Bind(CodecProvider codecs) => Element = codecs.Get<TElement>();

    public sealed override void Write(ref MessageWriter writer, uint delta, TCollection? value)
    {
        if (value is null || IsAbsent(value))
        {
            writer.WriteHeader(delta, WireKind.Default);
            return;
        }

        if (KeepsIdentity && writer.TryWriteReference(delta, value))
            return;
        writer.Enter();
        WriteElements(ref writer, delta, value);
        writer.Leave();
    }

    public sealed override TCollection? Read(ref MessageReader reader, WireKind kind)
    {
        if (kind == WireKind.Default)
            return default;
        if (kind == WireKind.Reference)
            return reader.ReadReference(this) is TCollection known ? known : throw reader.Malformed("reference");
        if (kind == WireKind.Typed && !typeof(TCollection).IsSealed)
            return (TCollection?)reader.Codecs.ReadTyped(ref reader, typeof(TCollection));
        if (kind != WireKind.Sequence)
            throw reader.Unexpected(kind);
        var position = reader.HeaderPosition;
        if (KeepsIdentity && reader.Session.Rereading > 0 && reader.Session.Find(position) is TCollection before)
        {
            reader.Skip(kind);
            return before;
        }

        reader.Enter();
        var value = ReadElements(ref reader, position, reader.ReadCount());
        reader.Leave();
        return value;
    }

    protected virtual bool IsAbsent(TCollection value) => false;

    protected abstract void WriteElements(ref MessageWriter writer, uint delta, TCollection value);

    protected abstract TCollection ReadElements(ref MessageReader reader, int position, int count);

    protected TElement ReadElement(ref MessageReader reader) => Element.Read(ref reader, reader.NextElement());

    protected void WriteAll(ref MessageWriter writer, uint delta, IEnumerable<TElement> elements, int count)
    {
        writer.WriteSequence(delta, count);
        foreach (var element in elements)
            Element.Write(ref writer, 0, element);
    }

    protected TElement[] ReadArray(ref MessageReader reader, int count)
    {
        if (count == 0)
            return [];
        var elements = new TElement[Math.Min(count, RoomAtFirst)];
        for (var at = 0; at < count; at++)
        {
            if (at == elements.Length)
                Array.Resize(ref elements, Math.Min(count, elements.Length * 2));
            elements[at] = ReadElement(ref reader);
        }

        return elements;
    }
}

internal sealed class ArrayCodec<T> : SequenceCodec<T[], T>
{
    protected override void WriteElements(ref MessageWriter writer, uint delta, T[] value)
    {
        writer.WriteSequence(delta, value.Length);
        foreach (var element in value)
            Element.Write(ref writer, 0, element);
    }

    protected override T[] ReadElements(ref MessageReader reader, int position, int count)
    {
        if (count > RoomAtFirst)
        {
            // It is known to others only once it is whole: an array of this size that holds itself cannot be read.
            var grown = ReadArray(ref reader, count);
            reader.Session.Add(position, grown);
            return grown;
        }

        var elements = new T[count];
        reader.Session.Add(position, elements);
        for (var at = 0; at < count; at++)
            elements[at] = ReadElement(ref reader);
        return elements;
    }
}

internal sealed class ListCodec<T> : SequenceCodec<List<T>, T>
{
    protected override void WriteElements(ref MessageWriter writer, uint delta, List<T> value)
    {
        writer.WriteSequence(delta, value.Count);
        foreach (var element in value)
            Element.Write(ref writer, 0, element);
    }

    protected override List<T> ReadElements(ref MessageReader reader, int position, int count)
    {
        var list = new List<T>(Math.Min(count, RoomAtFirst));
        reader.Session.Add(position, list);
        for (; count > 0; count--)
            list.Add(ReadElement(ref reader));
        return list;
    }
}

/// <summary>IList and ICollection: what comes may be changed, so it is a List.</summary>
internal sealed class MutableListCodec<TCollection, T> : SequenceCodec<TCollection, T> where TCollection : class, ICollection<T>
{
    protected override void WriteElements(ref MessageWriter writer, uint delta, TCollection value) =>
        WriteAll(ref writer, delta, value, value.Count);

    protected override TCollection ReadElements(ref MessageReader reader, int position, int count)
    {
        var list = new List<T>(Math.Min(count, RoomAtFirst));
        reader.Session.Add(position, list);
        for (; count > 0; count--)
            list.Add(ReadElement(ref reader));
        return (TCollection)(object)list;
    }
}

/// <summary>IReadOnlyList, IReadOnlyCollection and IEnumerable: whatever list it is, it comes as an array.</summary>
internal sealed class ReadOnlyListCodec<TCollection, T> : SequenceCodec<TCollection, T> where TCollection : class, IEnumerable<T>
{
    protected override bool KeepsIdentity => false;

    protected override void WriteElements(ref MessageWriter writer, uint delta, TCollection value)
    {
        if (value is T[] array)
        {
            writer.WriteSequence(delta, array.Length);
            foreach (var element in array)
                Element.Write(ref writer, 0, element);
            return;
        }

        if (value is IReadOnlyList<T> list)
        {
            var count = list.Count;
            writer.WriteSequence(delta, count);
            for (var at = 0; at < count; at++)
                Element.Write(ref writer, 0, list[at]);
            return;
        }

        var elements = value.TryGetNonEnumeratedCount(out _) ? value : value.ToArray() as IEnumerable<T>;
        WriteAll(ref writer, delta, elements, elements.Count());
    }

    protected override TCollection ReadElements(ref MessageReader reader, int position, int count) =>
        (TCollection)(object)ReadArray(ref reader, count);
}

/// <summary>Sets and queues: made from their elements one by one.</summary>
internal sealed class AddingCodec<TCollection, TMade, T>(Action<TMade, T> add) : SequenceCodec<TCollection, T>
    where TCollection : class, IEnumerable<T>
    where TMade : class, TCollection, new()
{
    protected override void WriteElements(ref MessageWriter writer, uint delta, TCollection value) =>
        WriteAll(ref writer, delta, value, value.Count());

    protected override TCollection ReadElements(ref MessageReader reader, int position, int count)
    {
        var made = new TMade();
        reader.Session.Add(position, made);
        for (; count > 0; count--)
            add(made, ReadElement(ref reader));
        return made;
    }
}

internal sealed class ImmutableArrayCodec<T> : SequenceCodec<ImmutableArray<T>, T>
{
    protected override bool KeepsIdentity => false;

    protected override bool IsAbsent(ImmutableArray<T> value) => value.IsDefault;

    protected override void WriteElements(ref MessageWriter writer, uint delta, ImmutableArray<T> value)
    {
        writer.WriteSequence(delta, value.Length);
        foreach (var element in value)
            Element.Write(ref writer, 0, element);
    }

    protected override ImmutableArray<T> ReadElements(ref MessageReader reader, int position, int count) =>
        System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(ReadArray(ref reader, count));
}

/// <summary>Immutable lists and sets.</summary>
internal sealed class ImmutableCodec<TCollection, T>(Func<T[], TCollection> make) : SequenceCodec<TCollection, T>
    where TCollection : class, IEnumerable<T>
{
    protected override bool KeepsIdentity => false;

    protected override void WriteElements(ref MessageWriter writer, uint delta, TCollection value) =>
        WriteAll(ref writer, delta, value, value.Count());

    protected override TCollection ReadElements(ref MessageReader reader, int position, int count) => make(ReadArray(ref reader, count));
}
