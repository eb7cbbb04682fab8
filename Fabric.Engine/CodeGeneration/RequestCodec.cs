using Fabric.Engine.Serialization;

namespace Fabric.Engine.CodeGeneration;

/// <summary>Writes and reads the calls of one method and their results. The generator derives one per method.</summary>
public abstract class RequestCodec
{
    /// <summary>Asks for the codecs of the arguments and the result; called once, before anything else.</summary>
    public abstract void Bind(CodecProvider codecs);

    internal abstract GrainRequest Read(ref MessageReader reader);

    internal abstract void Write(ref MessageWriter writer, GrainRequest request);

    internal abstract void WriteResult(ref MessageWriter writer, GrainRequest answered);

    internal abstract void ReadResult(ref MessageReader reader, GrainRequest waiting);
}

/// <summary>Calls of one method: its arguments are the fields of an object, numbered by position.</summary>
public abstract class RequestCodec<TRequest, TResult> : RequestCodec where TRequest : GrainRequest<TResult>, new()
{
    private Codec<TResult>? _result;

    public override void Bind(CodecProvider codecs) => _result = typeof(TResult) == typeof(Nothing) ? null : codecs.Get<TResult>();

    protected virtual void WriteArguments(ref MessageWriter writer, TRequest request)
    {
    }

    protected virtual void ReadArgument(ref MessageReader reader, TRequest request, uint id, WireKind kind) => reader.Skip(kind);

    private protected virtual void WriteStart(ref MessageWriter writer, TRequest request)
    {
    }

    private protected virtual void ReadStart(ref MessageReader reader, TRequest request)
    {
    }

    internal sealed override void Write(ref MessageWriter writer, GrainRequest request)
    {
        WriteStart(ref writer, (TRequest)request);
        WriteArguments(ref writer, (TRequest)request);
        writer.Append((byte)WireKind.End);
    }

    internal sealed override GrainRequest Read(ref MessageReader reader)
    {
        var request = new TRequest();
        ReadStart(ref reader, request);
        uint id = 0;
        while (reader.NextField(ref id, out var kind))
            ReadArgument(ref reader, request, id, kind);
        return request;
    }

    internal sealed override void WriteResult(ref MessageWriter writer, GrainRequest answered)
    {
        if (_result is null)
            writer.WriteHeader(0, WireKind.Default);
        else
            _result.Write(ref writer, 0, ((TRequest)answered).Answer.Result);
    }

    internal sealed override void ReadResult(ref MessageReader reader, GrainRequest waiting)
    {
        var kind = reader.NextElement();
        if (_result is null && kind != WireKind.Default)
            throw reader.Unexpected(kind);
        var result = _result is null ? default! : _result.Read(ref reader, kind);
        reader.ExpectEnd();
        ((TRequest)waiting).AnswerWith(result);
    }
}

/// <summary>Calls of a method that returns IAsyncEnumerable: which enumeration it starts and how large its pages are come first.</summary>
public abstract class EnumerationRequestCodec<TRequest, T> : RequestCodec<TRequest, EnumerationPage<T>>
    where TRequest : EnumerationRequest<T>, new()
{
    private protected sealed override void WriteStart(ref MessageWriter writer, TRequest request) =>
        Enumerations.WriteStart(ref writer, request.EnumerationId, request.BatchSize);

    private protected sealed override void ReadStart(ref MessageReader reader, TRequest request) =>
        (request.EnumerationId, request.BatchSize) = Enumerations.ReadStart(ref reader);
}
