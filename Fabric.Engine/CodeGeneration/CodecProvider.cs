using System.Collections.Concurrent;
using Fabric.Engine.Serialization;
using Orleans.Serialization;

namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// Which codec writes which type, and which type a name in a message means. The world is closed: the codecs are those of the engine and
/// those that the generator wrote; a name that is not theirs is an error, and never makes the process load or make anything.
/// </summary>
public sealed class CodecProvider
{
    private readonly Dictionary<Type, CodecEntry> _generated = [];
    private readonly TypeNames _names = new();
    private readonly ConcurrentDictionary<Type, Codec> _ready = [];
    private readonly ConcurrentDictionary<Type, (byte[] Name, Codec Codec)> _byRuntimeType = [];
    private readonly Dictionary<Type, Codec> _binding = [];
    private readonly Lock _gate = new();
    private readonly Func<IGrainReferenceHost>? _host;
    private int _depth;

    internal CodecProvider(IEnumerable<CodecEntry> generated, Func<IGrainReferenceHost>? host = null)
    {
        _host = host;
        foreach (var (type, name) in BuiltInCodecs.Names)
            _names.Add(type, name);
        foreach (var entry in generated)
        {
            _generated[entry.Type] = entry;
            _names.Add(entry.Type, entry.Name);
        }
    }

    internal IGrainReferenceHost Host => _host?.Invoke()
        ?? throw new CodecException("A grain reference can be read only where there is a silo that it can send through.");

    internal TypeNames Names => _names;

    /// <summary>The codec of a type as declared; throws when there is none.</summary>
    public Codec<T> Get<T>() => (Codec<T>)Get(typeof(T));

    internal Codec Get(Type type) => _ready.TryGetValue(type, out var codec) ? codec : Make(type);

    internal bool Has(Type type)
    {
        try
        {
            return Get(type) is not null;
        }
        catch (CodecException)
        {
            return false;
        }
    }

    /// <summary>Writes a value with the name of its type.</summary>
    internal void WriteTyped(ref MessageWriter writer, uint delta, object value)
    {
        var type = value.GetType();
        if (!_byRuntimeType.TryGetValue(type, out var known))
            known = _byRuntimeType.GetOrAdd(type, ForRuntimeType(type));
        writer.WriteHeader(delta, WireKind.Typed);
        writer.WriteRaw(known.Name);
        writer.Enter();
        if (known.Codec is ExceptionCodec unknown)
            unknown.WriteExact(ref writer, 0, (Exception)value);
        else
            known.Codec.WriteBoxed(ref writer, 0, value);
        writer.Leave();
    }

    /// <summary>Reads a value that says its type.</summary>
    internal object? ReadTyped(ref MessageReader reader, Type declared)
    {
        var type = _names.Read(ref reader, out var name);
        reader.Enter();
        object? value;
        if (type is not null && declared.IsAssignableFrom(type))
        {
            var kind = reader.NextElement();
            // A type within a type's name would be written by nobody, and could nest without end.
            value = kind == WireKind.Typed ? throw reader.Unexpected(kind) : Get(type).ReadBoxed(ref reader, kind);
        }
        else if (type is null && declared == typeof(Exception))
        {
            value = ((ExceptionCodec)Get(typeof(Exception))).ReadUnknown(ref reader, name);
        }
        else
        {
            throw new CodecException($"No type \"{name}\" that is a {declared} has a codec here.");
        }

        reader.Leave();
        return value;
    }

    private (byte[] Name, Codec Codec) ForRuntimeType(Type type)
    {
        type = BuiltInCodecs.StandsFor(type);
        if (type != typeof(object) && _names.Find(type) is { } name)
            return (name, Get(type));
        if (type.IsAssignableTo(typeof(Exception)))
            return (TypeNames.Encode(type.ToString()), Get(typeof(Exception)));
        // Lists and maps of types that only the compiler or a library knows travel as what they are read as.
        var shape = BuiltInCodecs.KnownShape(type) ?? throw NoCodec(type);
        return (_names.Find(BuiltInCodecs.ReadAs(shape)) ?? throw NoCodec(type), Get(shape));
    }

    /// <summary>A codec is made, then bound to those it needs, which may need it in turn: so none is shown before all are bound.</summary>
    private Codec Make(Type type)
    {
        lock (_gate)
        {
            if (_ready.TryGetValue(type, out var codec) || _binding.TryGetValue(type, out codec))
                return codec;
            codec = Construct(type);
            _binding[type] = codec;
            _depth++;
            try
            {
                codec.Bind(this);
            }
            catch
            {
                _binding.Clear();
                throw;
            }
            finally
            {
                _depth--;
            }

            if (_depth > 0)
                return codec;
            foreach (var (bound, made) in _binding)
                _ready[bound] = made;
            _binding.Clear();
            return codec;
        }
    }

    private Codec Construct(Type type)
    {
        if (_generated.TryGetValue(type, out var entry))
            return entry.Make!();
        if (type.IsConstructedGenericType && _generated.TryGetValue(type.GetGenericTypeDefinition(), out var open))
            return (Codec)Activator.CreateInstance(open.CodecType.MakeGenericType(type.GetGenericArguments()), nonPublic: true)!;
        return BuiltInCodecs.Make(type) ?? throw NoCodec(type);
    }

    private static CodecException NoCodec(Type type) =>
        new($"{type} has no codec: give it [GenerateSerializer] and its members an [Id].");
}
