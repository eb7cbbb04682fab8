using System.Collections.Concurrent;
using System.Text;
using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine.Serialization;

/// <summary>
/// The names of types in messages: the alias, or else the full name, and for a generic type those of its arguments. On the wire: the
/// text, a count, and the arguments likewise.
/// </summary>
internal sealed class TypeNames
{
    // A name nests no deeper and has no more arguments in any contract; beyond it someone wants us to build types without end.
    private const int MaximumDepth = 6;
    private const int MaximumArguments = 8;

    private readonly Dictionary<string, Type?> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _names = [];
    private readonly ConcurrentDictionary<Type, byte[]?> _encoded = [];

    /// <summary>Two types of one name leave the name without a meaning: whoever uses it gets an error.</summary>
    internal void Add(Type type, string name)
    {
        _names[type] = name;
        if (!_types.TryAdd(name, type))
            _types[name] = null;
    }

    /// <summary>The type's name as it is written; null when it has none.</summary>
    internal byte[]? Find(Type type) => _encoded.GetOrAdd(type, static (each, names) => names.Encode(each), this);

    internal static byte[] Encode(string name)
    {
        using var bytes = new MemoryStream();
        Write(bytes, name);
        bytes.WriteByte(0);
        return bytes.ToArray();
    }

    /// <summary>Null when the name means nothing here.</summary>
    internal Type? Read(ref MessageReader reader, out string name) => Read(ref reader, 0, out name);

    internal static void Skip(ref MessageReader reader, int depth)
    {
        reader.ReadBytes();
        for (var left = ReadArgumentCount(ref reader, depth); left > 0; left--)
            Skip(ref reader, depth + 1);
    }

    private Type? Read(ref MessageReader reader, int depth, out string name)
    {
        name = reader.ReadText();
        var count = ReadArgumentCount(ref reader, depth);
        var known = _types.GetValueOrDefault(name);
        var arguments = new Type[count];
        for (var at = 0; at < count; at++)
        {
            if (Read(ref reader, depth + 1, out _) is { } argument)
                arguments[at] = argument;
            else
                known = null;
        }

        return known is null ? null : Close(known, arguments);
    }

    private static Type? Close(Type type, Type[] arguments)
    {
        if (type == typeof(Array))
            return arguments.Length == 1 ? arguments[0].MakeArrayType() : null;
        if (!type.IsGenericTypeDefinition)
            return arguments.Length == 0 ? type : null;
        if (type.GetGenericArguments().Length != arguments.Length)
            return null;
        try
        {
            return type.MakeGenericType(arguments);
        }
        catch (ArgumentException unfit)
        {
            throw new CodecException($"{type} cannot be made of the arguments that the message gives.", unfit);
        }
    }

    private static int ReadArgumentCount(ref MessageReader reader, int depth)
    {
        var count = reader.ReadVarint();
        return count <= MaximumArguments && (count == 0 || depth < MaximumDepth) ? (int)count : throw reader.Malformed("type name");
    }

    private byte[]? Encode(Type type)
    {
        var open = type.IsSZArray ? typeof(Array) : type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        if (!_names.TryGetValue(open, out var name))
            return null;
        if (_types[name] is null)
            throw new CodecException($"Several types have the alias \"{name}\", and {type} is one of them.");
        using var bytes = new MemoryStream();
        Write(bytes, name);
        Type[] arguments = type.IsSZArray ? [type.GetElementType()!] : type.GetGenericArguments();
        bytes.WriteByte((byte)arguments.Length);
        foreach (var argument in arguments)
        {
            if (Find(argument) is not { } encoded)
                return null;
            bytes.Write(encoded);
        }

        return bytes.ToArray();
    }

    internal static void Write(MemoryStream bytes, string text)
    {
        var encoded = Encoding.UTF8.GetBytes(text);
        var length = (uint)encoded.Length;
        for (; length >= 0x80; length >>= 7)
            bytes.WriteByte((byte)(length | 0x80));
        bytes.WriteByte((byte)length);
        bytes.Write(encoded);
    }
}
