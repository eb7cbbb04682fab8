using Fabric.Engine.Serialization;

namespace Fabric.Engine.CodeGeneration;

/// <summary>Writes and reads the values of one type.</summary>
public abstract class Codec
{
    /// <summary>Asks for the codecs that this one needs; called once, before anything else. They may not be bound yet.</summary>
    public virtual void Bind(CodecProvider codecs)
    {
    }

    internal abstract void WriteBoxed(ref MessageWriter writer, uint delta, object value);

    internal abstract object? ReadBoxed(ref MessageReader reader, WireKind kind);
}

/// <summary>Writes and reads the values of one type.</summary>
public abstract class Codec<T> : Codec
{
    /// <summary>Writes a header and a value. Only null is written as <see cref="WireKind.Default"/>.</summary>
    public abstract void Write(ref MessageWriter writer, uint delta, T value);

    /// <summary>Reads the value whose header was read.</summary>
    public abstract T Read(ref MessageReader reader, WireKind kind);

    internal override void WriteBoxed(ref MessageWriter writer, uint delta, object value) => Write(ref writer, delta, (T)value);

    internal override object? ReadBoxed(ref MessageReader reader, WireKind kind) => Read(ref reader, kind);
}

/// <summary>The codec of a struct, field by field.</summary>
public abstract class StructCodec<T> : Codec<T> where T : struct
{
    public sealed override void Write(ref MessageWriter writer, uint delta, T value)
    {
        writer.Begin(delta);
        WriteFields(ref writer, in value);
        writer.End();
    }

    public sealed override T Read(ref MessageReader reader, WireKind kind)
    {
        T value = default;
        if (kind == WireKind.Default)
            return value;
        if (kind != WireKind.Object)
            throw reader.Unexpected(kind);
        reader.Enter();
        if (ReadFields(ref reader, ref value))
            reader.SkipFields();
        reader.Leave();
        return value;
    }

    protected abstract void WriteFields(ref MessageWriter writer, in T value);

    /// <summary>True when another level follows.</summary>
    protected abstract bool ReadFields(ref MessageReader reader, ref T value);
}

/// <summary>
/// The codec of a class. A value of a derived type is written with that type's name. Unless the type is known to be a tree of immutable
/// values, an object that stands twice in a message is one object again after reading.
/// </summary>
public abstract class ClassCodec<T> : Codec<T> where T : class
{
    private static readonly bool IsSealed = typeof(T).IsSealed;

    /// <summary>Whether identity matters. It does not for sealed [Immutable] types made of such types and of values.</summary>
    protected virtual bool KeepsIdentity => true;

    public sealed override void Write(ref MessageWriter writer, uint delta, T value)
    {
        if (value is null)
        {
            writer.WriteHeader(delta, WireKind.Default);
            return;
        }

        if (!IsSealed && value.GetType() != typeof(T))
        {
            writer.Codecs.WriteTyped(ref writer, delta, value);
            return;
        }

        WriteExact(ref writer, delta, value);
    }

    public sealed override T Read(ref MessageReader reader, WireKind kind) => kind switch
    {
        WireKind.Object => ReadObject(ref reader),
        WireKind.Default => null!,
        WireKind.Typed => Checked(reader.Codecs.ReadTyped(ref reader, typeof(T))),
        WireKind.Reference => Checked(reader.ReadReference(this)),
        _ => throw reader.Unexpected(kind),
    };

    /// <summary>Writes the fields of this level, after those of the base.</summary>
    public abstract void WriteFields(ref MessageWriter writer, T value);

    /// <summary>Reads the fields of the base and of this level. True when another level follows.</summary>
    public abstract bool ReadFields(ref MessageReader reader, T value);

    protected abstract T Create();

    internal void WriteExact(ref MessageWriter writer, uint delta, T value)
    {
        if (KeepsIdentity && writer.TryWriteReference(delta, value))
            return;
        writer.Begin(delta);
        WriteFields(ref writer, value);
        writer.End();
    }

    private T ReadObject(ref MessageReader reader)
    {
        var position = reader.HeaderPosition;
        if (reader.Session.Rereading > 0 && reader.Session.Find(position) is T known)
        {
            reader.Skip(WireKind.Object);
            return known;
        }

        reader.Enter();
        var value = Create();
        if (KeepsIdentity)
            reader.Session.Add(position, value);
        if (ReadFields(ref reader, value))
            reader.SkipFields();
        reader.Leave();
        return value;
    }

    private static T Checked(object? value) => value switch
    {
        null => null!,
        T fits => fits,
        _ => throw new CodecException($"A {value.GetType()} stands where a {typeof(T)} must be."),
    };
}
