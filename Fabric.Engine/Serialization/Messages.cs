using System.Buffers;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

internal delegate void WriteMessage<TArgument>(ref MessageWriter writer, TArgument argument);

internal delegate TResult ReadMessage<TArgument, TResult>(ref MessageReader reader, TArgument argument);

/// <summary>The frame around the writing and reading of one message.</summary>
internal static class Messages
{
    internal static void Write<TArgument>(CodecProvider codecs, IBufferWriter<byte> output, TArgument argument,
        WriteMessage<TArgument> write)
    {
        var session = WriteSession.Rent();
        try
        {
            var writer = new MessageWriter(session, codecs);
            write(ref writer, argument);
            output.Write(writer.Written);
        }
        finally
        {
            session.Return();
        }
    }

    /// <summary>Whatever goes wrong is a <see cref="CodecException"/>: bytes that ask for the impossible make constructors throw.</summary>
    internal static TResult Read<TArgument, TResult>(CodecProvider codecs, ReadOnlySequence<byte> input, TArgument argument,
        ReadMessage<TArgument, TResult> read)
    {
        if (input.IsSingleSegment)
            return Read(codecs, input.FirstSpan, argument, read);
        if (input.Length > Array.MaxLength)
            throw new CodecException("The message is too large.");
        var whole = ArrayPool<byte>.Shared.Rent((int)input.Length);
        try
        {
            input.CopyTo(whole);
            return Read(codecs, whole.AsSpan(0, (int)input.Length), argument, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    internal static TResult Read<TArgument, TResult>(CodecProvider codecs, ReadOnlySpan<byte> input, TArgument argument,
        ReadMessage<TArgument, TResult> read)
    {
        try
        {
            var reader = new MessageReader(input, new ReadSession(codecs));
            var result = read(ref reader, argument);
            reader.ExpectEnd();
            return result;
        }
        catch (Exception failure) when (failure is not (CodecException or OutOfMemoryException))
        {
            throw new CodecException("The message holds a value that its type refuses.", failure);
        }
    }
}
