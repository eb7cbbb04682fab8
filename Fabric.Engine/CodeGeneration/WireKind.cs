namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// How the value after a header is laid out; enough to step over a value of which nothing else is known. That is what makes a rolling
/// upgrade work: an older reader skips the fields that a newer writer added.
/// <para>
/// A value is a header and its payload. The header is one varint: the distance of the field's id from the id before it in the same
/// object (0 for elements and roots), times 16, plus this kind: one byte for almost every field.
/// </para>
/// </summary>
public enum WireKind
{
    /// <summary>No more fields in this object.</summary>
    End = 0,

    /// <summary>No more fields of this level of inheritance; the derived type's follow, with ids of their own.</summary>
    EndBase = 1,

    /// <summary>Null, zero, false: no payload.</summary>
    Default = 2,

    /// <summary>Base 128, least significant group first; signed numbers zigzag.</summary>
    Varint = 3,

    Fixed32 = 4,

    Fixed64 = 5,

    Fixed128 = 6,

    /// <summary>A varint length and so many bytes; text is UTF-8.</summary>
    Bytes = 7,

    /// <summary>Fields up to <see cref="End"/>.</summary>
    Object = 8,

    /// <summary>A varint count and so many values; a map is a sequence of keys and values by turns.</summary>
    Sequence = 9,

    /// <summary>A type's name and a value of that type: what differs from the declared type says so.</summary>
    Typed = 10,

    /// <summary>The position in the message of the header of an object that was written before.</summary>
    Reference = 11,
}
