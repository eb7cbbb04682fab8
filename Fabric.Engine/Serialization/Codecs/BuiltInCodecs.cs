using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fabric.Engine.CodeGeneration;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine.Serialization;

/// <summary>The codecs of the framework's types and of the engine's own ids.</summary>
internal static class BuiltInCodecs
{
    private static readonly Dictionary<Type, Func<Codec>> Simple = MakeSimple();

    private static readonly Dictionary<Type, Type> Generic = new()
    {
        [typeof(List<>)] = typeof(ListCodec<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,,>),
        [typeof(IDictionary<,>)] = typeof(DictionaryCodec<,,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(DictionaryCodec<,,>),
        [typeof(IReadOnlyList<>)] = typeof(ReadOnlyListCodec<,>),
        [typeof(IReadOnlyCollection<>)] = typeof(ReadOnlyListCodec<,>),
        [typeof(IEnumerable<>)] = typeof(ReadOnlyListCodec<,>),
        [typeof(IList<>)] = typeof(MutableListCodec<,>),
        [typeof(ICollection<>)] = typeof(MutableListCodec<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCodec<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<>),
        [typeof(KeyValuePair<,>)] = typeof(KeyValuePairCodec<,>),
        [typeof(CodeGeneration.EnumerationPage<>)] = typeof(EnumerationPageCodec<>),
    };

    /// <summary>Types whose codecs are made by a method of this class, for the element types.</summary>
    private static readonly Dictionary<Type, string> Made = new()
    {
        [typeof(HashSet<>)] = nameof(HashSetOf),
        [typeof(ISet<>)] = nameof(SetOf),
        [typeof(IReadOnlySet<>)] = nameof(ReadOnlySetOf),
        [typeof(Queue<>)] = nameof(QueueOf),
        [typeof(ImmutableList<>)] = nameof(ImmutableListOf),
        [typeof(ImmutableHashSet<>)] = nameof(ImmutableHashSetOf),
        [typeof(ImmutableDictionary<,>)] = nameof(ImmutableDictionaryOf),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(ImmutableSortedDictionaryOf),
    };

    /// <summary>What of these may stand in a message by name.</summary>
    internal static IEnumerable<(Type Type, string Name)> Names =>
        Simple.Keys.Concat(Generic.Keys).Concat(Made.Keys).Select(static type => (type, type.ToString().Split('[')[0]))
            .Where(static named => named.type != typeof(byte[]))
            .Concat(TupleTypes().Select(static type => (type, type.ToString().Split('[')[0])))
            .Concat([(typeof(object), "System.Object"), (typeof(GrainReference), "Orleans.Runtime.GrainReference")])
            .Append((typeof(Nullable<>), "System.Nullable`1"))
            .Append((typeof(Array), "[]"));

    /// <summary>Null when there is none.</summary>
    internal static Codec? Make(Type type)
    {
        if (Simple.TryGetValue(type, out var simple))
            return simple();
        if (type.IsEnum)
            return New(typeof(EnumCodec<>), type);
        if (type.IsSZArray)
            return New(typeof(ArrayCodec<>), type.GetElementType()!);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return New(typeof(NullableCodec<>), underlying);
        if (type.IsConstructedGenericType && MakeGeneric(type, type.GetGenericTypeDefinition()) is { } generic)
            return generic;
        if (type.IsAssignableTo(typeof(ITuple)) && type.IsConstructedGenericType && type.GetGenericArguments().Length < 8)
            return New(typeof(TupleCodec<>), type);
        if (type.IsAssignableTo(typeof(IAddressable)) && (type.IsInterface || type == typeof(GrainReference)))
            return New(typeof(ReferenceCodec<>), type);
        return type == typeof(object) || type.IsInterface || (type.IsAbstract && type.IsClass)
            ? New(typeof(PolymorphicCodec<>), type)
            : null;
    }

    /// <summary>As which type an object is written whose own type is nobody's business: a proxy, an address of the framework.</summary>
    internal static Type StandsFor(Type type) => type.IsAssignableTo(typeof(GrainReference)) ? typeof(GrainReference)
        : type.IsAssignableTo(typeof(IPAddress)) ? typeof(IPAddress) : type;

    /// <summary>The interface as which a list or map of an unknown type is written; null when it is neither.</summary>
    internal static Type? KnownShape(Type type) =>
        type.GetInterfaces().FirstOrDefault(static each => Is(each, typeof(IReadOnlyDictionary<,>)))
        ?? type.GetInterfaces().FirstOrDefault(static each => Is(each, typeof(IReadOnlyList<>)));

    /// <summary>What is read when that interface was written.</summary>
    internal static Type ReadAs(Type shape) => Is(shape, typeof(IReadOnlyList<>))
        ? shape.GetGenericArguments()[0].MakeArrayType()
        : typeof(Dictionary<,>).MakeGenericType(shape.GetGenericArguments());

    /// <summary>An interface that all grains have: it does not say how to call one.</summary>
    internal static bool SaysNothing(Type type) =>
        type == typeof(IAddressable) || type == typeof(IGrain) || type == typeof(GrainReference) || type == typeof(IGrainObserver);

    private static bool Is(Type type, Type open) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == open;

    private static Codec? MakeGeneric(Type type, Type open)
    {
        var arguments = type.GetGenericArguments();
        if (Made.TryGetValue(open, out var method))
        {
            return (Codec)typeof(BuiltInCodecs).GetMethod(method, System.Reflection.BindingFlags.NonPublic
                | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(arguments).Invoke(null, null)!;
        }

        if (!Generic.TryGetValue(open, out var codec))
            return null;
        // Codecs of several collections take the collection's type before those of its elements.
        return codec.GetGenericArguments().Length > arguments.Length ? New(codec, [type, .. arguments]) : New(codec, arguments);
    }

    private static Codec New(Type open, params Type[] arguments) =>
        (Codec)Activator.CreateInstance(open.MakeGenericType(arguments), nonPublic: true)!;

    private static AddingCodec<HashSet<T>, HashSet<T>, T> HashSetOf<T>() => new(static (set, item) => set.Add(item));

    private static AddingCodec<ISet<T>, HashSet<T>, T> SetOf<T>() => new(static (set, item) => set.Add(item));

    private static AddingCodec<IReadOnlySet<T>, HashSet<T>, T> ReadOnlySetOf<T>() => new(static (set, item) => set.Add(item));

    private static AddingCodec<Queue<T>, Queue<T>, T> QueueOf<T>() => new(static (queue, item) => queue.Enqueue(item));

    private static ImmutableCodec<ImmutableList<T>, T> ImmutableListOf<T>() => new(static items => [.. items]);

    private static ImmutableCodec<ImmutableHashSet<T>, T> ImmutableHashSetOf<T>() => new(static items => [.. items]);

    private static ImmutableDictionaryCodec<ImmutableDictionary<TKey, TValue>, TKey, TValue> ImmutableDictionaryOf<TKey, TValue>()
        where TKey : notnull => new(static map => map.ToImmutableDictionary());

    private static ImmutableDictionaryCodec<ImmutableSortedDictionary<TKey, TValue>, TKey, TValue>
        ImmutableSortedDictionaryOf<TKey, TValue>() where TKey : notnull => new(static map => map.ToImmutableSortedDictionary());

    private static IEnumerable<Type> TupleTypes() =>
    [
        typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>),
    ];

    private static Dictionary<Type, Func<Codec>> MakeSimple()
    {
        var simple = new Dictionary<Type, Func<Codec>>
        {
            [typeof(bool)] = static () => new BooleanCodec(),
            [typeof(byte)] = static () => new ByteCodec(),
            [typeof(sbyte)] = static () => new SByteCodec(),
            [typeof(short)] = static () => new Int16Codec(),
            [typeof(ushort)] = static () => new UInt16Codec(),
            [typeof(char)] = static () => new CharCodec(),
            [typeof(int)] = static () => new Int32Codec(),
            [typeof(uint)] = static () => new UInt32Codec(),
            [typeof(long)] = static () => new Int64Codec(),
            [typeof(ulong)] = static () => new UInt64Codec(),
            [typeof(float)] = static () => new SingleCodec(),
            [typeof(double)] = static () => new DoubleCodec(),
            [typeof(decimal)] = static () => new DecimalCodec(),
            [typeof(Guid)] = static () => new Fixed128Codec<Guid>(),
            [typeof(Int128)] = static () => new Fixed128Codec<Int128>(),
            [typeof(UInt128)] = static () => new Fixed128Codec<UInt128>(),
            [typeof(string)] = static () => new StringCodec(),
            [typeof(byte[])] = static () => new ByteArrayCodec(),
            [typeof(ReadOnlyMemory<byte>)] = static () => new ReadOnlyMemoryCodec(),
            [typeof(Memory<byte>)] = static () => new MemoryCodec(),
            [typeof(TimeSpan)] = static () => new TimeSpanCodec(),
            [typeof(DateTime)] = static () => new DateTimeCodec(),
            [typeof(DateTimeOffset)] = static () => new DateTimeOffsetCodec(),
            [typeof(DateOnly)] = static () => new DateOnlyCodec(),
            [typeof(TimeOnly)] = static () => new TimeOnlyCodec(),
            [typeof(JsonElement)] = static () => new JsonElementCodec(),
        };
        AddTexts(simple);
        foreach (var (type, make) in KnownExceptions.All)
            simple[type] = make;
        return simple;
    }

    private static void AddTexts(Dictionary<Type, Func<Codec>> simple)
    {
        Add(static uri => uri.OriginalString, static text => new Uri(text, UriKind.RelativeOrAbsolute));
        Add(static version => version.ToString(), Version.Parse);
        Add(static address => address.ToString(), IPAddress.Parse);
        Add(static endpoint => endpoint.ToString(), IPEndPoint.Parse);
        Add(static address => address.ToParsableString(), SiloAddress.FromParsableString);
        Add(static id => id.IsDefault ? "" : id.ToString(), static text => text.Length == 0 ? default : GrainId.Parse(text));
        Add(static type => type.ToString(), static text => text.Length == 0 ? default : GrainType.Create(text));
        Add(static type => type.ToString(), static text => text.Length == 0 ? default : GrainInterfaceType.Create(text));
        Add(static span => span.ToString(), static text => text.Length == 0 ? default : IdSpan.Create(text));
        Add(static id => id.ToParsableString(), ActivationId.FromParsableString);

        void Add<T>(Func<T, string> format, Func<string, T> parse) => simple[typeof(T)] = () => new TextCodec<T>(format, parse);
    }
}
