using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>A type that the generator wrote a codec for. A generic one comes open, without a factory.</summary>
internal sealed record CodecEntry(Type Type, string Name, Type CodecType, Func<Codec>? Make);

/// <summary>A method of a grain interface as messages name it. A generic interface or method comes open, without a factory.</summary>
internal sealed record RequestEntry(string Interface, string Method, Type RequestType, Type CodecType, Func<RequestCodec>? Make);
