using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;

namespace Fabric.Tests.Engine.Serialization;

/// <summary>Values of any contract type, made of a seed, and a comparison of two of them by all that is numbered.</summary>
internal sealed class Samples(Random random, CodecWorld world)
{
    private static readonly string[] Texts = ["", "a", "naïve – 東京 🙂", new('x', 300), "two\nlines\0"];

    /// <summary>Null when there is no way to make one.</summary>
    internal object? Make(Type type, int depth = 0)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return random.Next(3) == 0 ? null : Make(underlying, depth);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(random.Next(Enum.GetValues(type).Length));
        if (Simple(type) is { } simple)
            return simple;
        if (type.IsSZArray)
            return List(type.GetElementType()!, depth);
        if (type.IsConstructedGenericType && Collection(type, depth) is { } collection)
            return collection;
        if (type.IsInterface && type.IsAssignableTo(typeof(IAddressable)))
            return world.Cast(new GrainReference(world, GrainId.Create("some", "key"), default), type);
        if (type.IsAssignableTo(typeof(Exception)))
            return null;
        return type.IsAbstract ? null : Numbered(type, depth);
    }

    internal static IEnumerable<PropertyInfo> Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.GetCustomAttribute<IdAttribute>() is not null);

    /// <summary>Says where two values differ; null when they do not.</summary>
    internal static string? Difference(object? left, object? right, string path = "")
    {
        if (left is null || right is null)
            return left is null && right is null ? null : $"{path}: {left ?? "null"} and {right ?? "null"}";
        if (left is ReadOnlyMemory<byte> bytes)
            return bytes.Span.SequenceEqual(((ReadOnlyMemory<byte>)right).Span) ? null : path;
        if (left is JsonElement json)
            return JsonElement.DeepEquals(json, (JsonElement)right) ? null : path;
        if (left is IDictionary map)
        {
            var other = (IDictionary)right;
            if (map.Count != other.Count)
                return $"{path}: {map.Count} and {other.Count} entries";
            return map.Keys.Cast<object>().Select(key => Difference(map[key], other[key], $"{path}[{key}]")).FirstOrDefault(Is);
        }

        if (left is IEnumerable items and not string)
        {
            var (ours, theirs) = (items.Cast<object?>().ToArray(), ((IEnumerable)right).Cast<object?>().ToArray());
            return ours.Length != theirs.Length ? $"{path}: {ours.Length} and {theirs.Length} elements"
                : ours.Zip(theirs).Select((pair, at) => Difference(pair.First, pair.Second, $"{path}[{at}]")).FirstOrDefault(Is);
        }

        if (left.GetType() != right.GetType())
            return $"{path}: {left.GetType()} and {right.GetType()}";
        var members = Members(left.GetType()).ToArray();
        // A class without content is like every other of its kind.
        if (members.Length == 0 && left.GetType().GetCustomAttribute<GenerateSerializerAttribute>() is not null)
            return null;
        if (members.Length == 0)
            return left.Equals(right) ? null : $"{path}: {left} and {right}";
        return members.Select(member => Difference(member.GetValue(left), member.GetValue(right), $"{path}.{member.Name}"))
            .FirstOrDefault(Is);
    }

    private static bool Is(string? difference) => difference is not null;

    private object Numbered(Type type, int depth)
    {
        var made = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        foreach (var member in Members(type))
        {
            var value = depth > 6 && !member.PropertyType.IsValueType ? null : Make(member.PropertyType, depth + 1);
            if (member.SetMethod is { } set)
                set.Invoke(made, [value]);
            else
                type.GetField($"<{member.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(made, value);
        }

        return made;
    }

    private object? Simple(Type type)
    {
        if (type == typeof(string))
            return Texts[random.Next(Texts.Length)];
        if (type == typeof(bool))
            return random.Next(2) == 0;
        if (type == typeof(Guid))
            return Guid.Parse($"{random.NextInt64():x16}{random.NextInt64():x16}");
        if (type == typeof(double))
            return random.NextDouble() - 0.5;
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks / 2) + TimeSpan.TicksPerDay, Offset());
        if (type == typeof(DateTime))
            return new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc);
        if (type == typeof(TimeSpan))
            return new TimeSpan(random.NextInt64() * (random.Next(2) * 2 - 1));
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>(Bytes());
        if (type == typeof(byte[]))
            return Bytes();
        if (type == typeof(JsonElement))
            return JsonSerializer.SerializeToElement(new { a = random.Next(), b = new[] { "x", null } });
        if (type == typeof(SiloAddress))
            return SiloAddress.New(System.Net.IPAddress.Loopback, random.Next(1, 65536), random.Next());
        if (type == typeof(GrainId))
            return GrainId.Create("some", $"key/{random.Next()}");
        if (type == typeof(GrainType))
            return GrainType.Create("some");
        return type.IsPrimitive ? Number(type) : null;
    }

    private object Number(Type type)
    {
        // Small, large and negative ones: each has its own length on the wire.
        var bits = random.NextInt64() >> random.Next(63);
        if (random.Next(2) == 0)
            bits = -bits;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => (object)unchecked((int)bits),
            TypeCode.Int64 => bits,
            TypeCode.UInt16 => unchecked((ushort)bits),
            TypeCode.Byte => unchecked((byte)bits),
            TypeCode.UInt32 => unchecked((uint)bits),
            TypeCode.UInt64 => unchecked((ulong)bits),
            TypeCode.Int16 => unchecked((short)bits),
            TypeCode.SByte => unchecked((sbyte)bits),
            TypeCode.Char => unchecked((char)(bits & 0x7f)),
            _ => (float)bits,
        };
    }

    private TimeSpan Offset() => random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(random.Next(-840, 840));

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private Array List(Type element, int depth)
    {
        var list = Array.CreateInstance(element, depth > 4 ? 0 : random.Next(4));
        for (var at = 0; at < list.Length; at++)
            list.SetValue(Make(element, depth + 1), at);
        return list;
    }

    private object? Collection(Type type, int depth)
    {
        var arguments = type.GetGenericArguments();
        var open = type.GetGenericTypeDefinition();
        if (open == typeof(IReadOnlyDictionary<,>) || open == typeof(Dictionary<,>) || open == typeof(IDictionary<,>))
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!;
            for (var left = depth > 4 ? 0 : random.Next(4); left > 0; left--)
                map[Make(arguments[0], depth + 1)!] = Make(arguments[1], depth + 1);
            return map;
        }

        if (open == typeof(IReadOnlyList<>) || open == typeof(IReadOnlyCollection<>) || open == typeof(IEnumerable<>))
            return List(arguments[0], depth);
        if (open == typeof(List<>) || open == typeof(HashSet<>))
            return Activator.CreateInstance(type, List(arguments[0], depth));
        if (open == typeof(ImmutableArray<>))
        {
            return typeof(Samples).GetMethod(nameof(ToImmutable), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(arguments).Invoke(null, [List(arguments[0], depth)]);
        }

        return type.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple))
            ? Activator.CreateInstance(type, [.. arguments.Select(each => Make(each, depth + 1))]) : null;
    }

    private static ImmutableArray<T> ToImmutable<T>(T[] items) => [.. items];
}
