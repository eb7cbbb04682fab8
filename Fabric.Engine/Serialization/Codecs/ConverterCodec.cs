using Fabric.Engine.CodeGeneration;
using Orleans;

namespace Fabric.Engine.Serialization;

/// <summary>Values that travel as another type. They are values here: their identity is not kept.</summary>
internal sealed class ConverterCodec<TValue, TSurrogate>(IConverter<TValue, TSurrogate> converter) : Codec<TValue?>
    where TSurrogate : struct
{
    private Codec<TSurrogate> _surrogate = null!;

    public override void Bind(CodecProvider codecs) => _surrogate = codecs.Get<TSurrogate>();

    public override void Write(ref MessageWriter writer, uint delta, TValue? value)
    {
        if (value is null)
            writer.WriteHeader(delta, WireKind.Default);
        else
            _surrogate.Write(ref writer, delta, converter.ConvertToSurrogate(in value));
    }

    public override TValue? Read(ref MessageReader reader, WireKind kind) =>
        kind == WireKind.Default ? default : converter.ConvertFromSurrogate(_surrogate.Read(ref reader, kind));
}
