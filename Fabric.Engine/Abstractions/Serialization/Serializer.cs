using System.Buffers;
using Fabric.Engine.CodeGeneration;
using Fabric.Engine.Serialization;

namespace Orleans.Serialization;

/// <summary>Values as bytes and back, in the form in which they travel in calls.</summary>
public sealed class Serializer
{
    private readonly CodecProvider _codecs;

    public Serializer(CodecProvider codecs) => _codecs = codecs;

    public byte[] SerializeToArray<T>(T value, int sizeHint = 0)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(sizeHint, 64));
        Write(value, output);
        return output.WrittenSpan.ToArray();
    }

    public void Serialize<T, TBufferWriter>(T value, TBufferWriter destination) where TBufferWriter : IBufferWriter<byte> =>
        Write(value, destination);

    public T Deserialize<T>(byte[] source) => Deserialize<T>(source.AsSpan());

    public T Deserialize<T>(ReadOnlyMemory<byte> source) => Deserialize<T>(source.Span);

    public T Deserialize<T>(ReadOnlySpan<byte> source) => Messages.Read(_codecs, source, _codecs.Get<T>(), Read);

    public T Deserialize<T>(ReadOnlySequence<byte> source) => Messages.Read(_codecs, source, _codecs.Get<T>(), Read);

    private void Write<T>(T value, IBufferWriter<byte> output) => Messages.Write(_codecs, output, (Codec: _codecs.Get<T>(), value),
        static (ref MessageWriter writer, (Codec<T> Codec, T Value) it) => it.Codec.Write(ref writer, 0, it.Value));

    private static T Read<T>(ref MessageReader reader, Codec<T> codec) => codec.Read(ref reader, reader.NextElement());
}

/// <summary>Values of one type as bytes and back.</summary>
public sealed class Serializer<T>
{
    private readonly Serializer _serializer;

    public Serializer(Serializer serializer) => _serializer = serializer;

    public byte[] SerializeToArray(T value, int sizeHint = 0) => _serializer.SerializeToArray(value, sizeHint);

    public void Serialize<TBufferWriter>(T value, TBufferWriter destination) where TBufferWriter : IBufferWriter<byte> =>
        _serializer.Serialize(value, destination);

    public T Deserialize(byte[] source) => _serializer.Deserialize<T>(source);

    public T Deserialize(ReadOnlyMemory<byte> source) => _serializer.Deserialize<T>(source);

    public T Deserialize(ReadOnlySpan<byte> source) => _serializer.Deserialize<T>(source);

    public T Deserialize(ReadOnlySequence<byte> source) => _serializer.Deserialize<T>(source);
}
