using System.Buffers;
using Fabric.Engine.CodeGeneration;
using Orleans.Serialization;

namespace Fabric.Engine.Serialization;

/// <summary>
/// What the transport needs of codecs. Output and input are one message's body; the header (ids, deadline, trace) is the transport's.
/// </summary>
internal interface IMessageCodec
{
    /// <summary>Interface id, method id, type arguments of generic methods and interfaces, and the arguments, but for the
    /// CancellationToken.</summary>
    void WriteRequest(GrainRequest request, IBufferWriter<byte> output);

    /// <summary>A new request of the right generated class, not bound to a target yet. Throws <see cref="CodecException"/> on anything
    /// malformed or unknown.</summary>
    GrainRequest ReadRequest(ReadOnlySequence<byte> input);

    /// <summary>The result or the exception of an answered request.</summary>
    void WriteAnswer(GrainRequest answered, IBufferWriter<byte> output);

    /// <summary>Completes the waiting request with the result or the exception that came.</summary>
    void ReadAnswer(GrainRequest waiting, ReadOnlySequence<byte> input);

    /// <summary>RequestContext values and other single objects.</summary>
    void WriteObject(object? value, IBufferWriter<byte> output);

    object? ReadObject(ReadOnlySequence<byte> input);
}

/// <summary>Bytes that are no message of ours, or a value that no codec can write.</summary>
[Orleans.GenerateSerializer]
internal sealed class CodecException(string message, Exception? inner = null) : SerializerException(message, inner!);
