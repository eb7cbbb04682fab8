using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>
/// Calls and answers as bytes. A request is the name of its method (interface and method by their names on the wire), the type arguments
/// of generic ones, and the arguments as fields. An answer is one byte for what it is and a value.
/// </summary>
internal sealed class MessageCodec : IMessageCodec
{
    private const byte ResultAnswer = 0;
    private const byte ExceptionAnswer = 1;

    private readonly Dictionary<byte[], RequestEntry> _byName = new(Utf8NameComparer.Instance);
    private readonly Dictionary<Type, RequestEntry> _byType = [];
    private readonly ConcurrentDictionary<Type, Bound> _bound = [];
    private readonly Codec<Exception> _exceptions;
    private readonly Codec<object> _objects;

    public MessageCodec(CodecProvider codecs, GrainManifestBuilder manifest)
    {
        Codecs = codecs;
        foreach (var entry in manifest.Requests.Concat(Enumerations.Requests))
        {
            _byType[entry.RequestType] = entry;
            _byName[Encoding.UTF8.GetBytes(Name(entry))] = entry;
        }

        _exceptions = codecs.Get<Exception>();
        _objects = codecs.Get<object>();
    }

    internal CodecProvider Codecs { get; }

    public void WriteRequest(GrainRequest request, IBufferWriter<byte> output)
    {
        var known = CodecOf(request);
        Messages.Write(Codecs, output, (known, request), static (ref MessageWriter writer, (Bound Known, GrainRequest Request) call) =>
        {
            writer.WriteRaw(call.Known.Name);
            call.Known.Codec.Write(ref writer, call.Request);
        });
    }

    public GrainRequest ReadRequest(ReadOnlySequence<byte> input) => Messages.Read(Codecs, input, this,
        static (ref MessageReader reader, MessageCodec self) => self.ReadRequest(ref reader));

    public void WriteAnswer(GrainRequest answered, IBufferWriter<byte> output)
    {
        var known = CodecOf(answered);
        Messages.Write(Codecs, output, (this, known, answered), static (ref MessageWriter writer,
            (MessageCodec Self, Bound Known, GrainRequest Request) answer) =>
            answer.Self.WriteAnswer(ref writer, answer.Known.Codec, answer.Request));
    }

    public void ReadAnswer(GrainRequest waiting, ReadOnlySequence<byte> input)
    {
        var known = CodecOf(waiting);
        Messages.Read(Codecs, input, (this, known, waiting), static (ref MessageReader reader,
            (MessageCodec Self, Bound Known, GrainRequest Request) answer) =>
        {
            answer.Self.ReadAnswer(ref reader, answer.Known.Codec, answer.Request);
            return true;
        });
    }

    public void WriteObject(object? value, IBufferWriter<byte> output) => Messages.Write(Codecs, output, (_objects, value),
        static (ref MessageWriter writer, (Codec<object> Codec, object? Value) it) => it.Codec.Write(ref writer, 0, it.Value!));

    public object? ReadObject(ReadOnlySequence<byte> input) => Messages.Read(Codecs, input, _objects,
        static (ref MessageReader reader, Codec<object> codec) => codec.Read(ref reader, reader.NextElement()));

    private GrainRequest ReadRequest(ref MessageReader reader)
    {
        var name = reader.ReadBytes();
        if (!_byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var entry))
            throw new CodecException($"No method \"{Encoding.UTF8.GetString(name).Replace('\0', '/')}\" is known here.");
        var count = reader.ReadVarint();
        if (count == 0 && !entry.RequestType.IsGenericTypeDefinition)
            return BoundTo(entry.RequestType).Codec.Read(ref reader);
        if (!entry.RequestType.IsGenericTypeDefinition || count != (ulong)entry.RequestType.GetGenericArguments().Length)
            throw reader.Malformed("type arguments");
        var arguments = new Type[count];
        for (var at = 0; at < arguments.Length; at++)
        {
            arguments[at] = Codecs.Names.Read(ref reader, out var unknown)
                ?? throw new CodecException($"No type \"{unknown}\" has a codec here.");
        }

        return BoundTo(entry.RequestType.MakeGenericType(arguments)).Codec.Read(ref reader);
    }

    /// <summary>A result that cannot be written is a failed call: its caller waits for an answer and gets this one.</summary>
    private void WriteAnswer(ref MessageWriter writer, RequestCodec codec, GrainRequest answered)
    {
        var completed = answered.Completion;
        var failure = completed.IsCanceled ? new TaskCanceledException() : completed.Exception?.InnerExceptions[0];
        if (failure is null)
        {
            try
            {
                writer.Append(ResultAnswer);
                codec.WriteResult(ref writer, answered);
                return;
            }
            catch (CodecException unwritable)
            {
                failure = unwritable;
                writer.Rewind();
            }
        }

        writer.Append(ExceptionAnswer);
        try
        {
            _exceptions.Write(ref writer, 0, failure);
        }
        catch (CodecException unwritable)
        {
            writer.Rewind();
            writer.Append(ExceptionAnswer);
            _exceptions.Write(ref writer, 0, new CodecException($"{failure.GetType()}: {failure.Message} ({unwritable.Message})"));
        }
    }

    private void ReadAnswer(ref MessageReader reader, RequestCodec codec, GrainRequest waiting)
    {
        switch (reader.ReadRawByte())
        {
            case ResultAnswer:
                codec.ReadResult(ref reader, waiting);
                break;
            case ExceptionAnswer:
                var exception = _exceptions.Read(ref reader, reader.NextElement()) ?? throw reader.Malformed("exception");
                reader.ExpectEnd();
                waiting.Fail(exception);
                break;
            default:
                throw reader.Malformed("answer");
        }
    }

    private Bound CodecOf(GrainRequest request) => BoundTo(request.GetType());

    private Bound BoundTo(Type type) => _bound.TryGetValue(type, out var known) ? known : _bound.GetOrAdd(type, Bind(type));

    private Bound Bind(Type type)
    {
        var open = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        if (!_byType.TryGetValue(open, out var entry))
            throw new CodecException($"{type} is no request that the generator wrote.");
        var arguments = type.GetGenericArguments();
        var codec = entry.Make?.Invoke()
            ?? (RequestCodec)Activator.CreateInstance(entry.CodecType.MakeGenericType(arguments), nonPublic: true)!;
        codec.Bind(Codecs);
        using var name = new MemoryStream();
        TypeNames.Write(name, Name(entry));
        name.WriteByte((byte)arguments.Length);
        foreach (var argument in arguments)
            name.Write(Codecs.Names.Find(argument) ?? throw new CodecException($"{argument} has no name on the wire."));
        return new Bound(name.ToArray(), codec);
    }

    private static string Name(RequestEntry entry) => $"{entry.Interface}\0{entry.Method}";

    private sealed record Bound(byte[] Name, RequestCodec Codec);

    private sealed class Utf8NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        internal static readonly Utf8NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
