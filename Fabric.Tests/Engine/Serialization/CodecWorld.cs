using System.Buffers;
using Fabric.Engine;
using Fabric.Engine.CodeGeneration;
using Fabric.Engine.Serialization;
using Orleans.Serialization;

namespace Fabric.Tests.Engine.Serialization;

/// <summary>Codecs without a silo. References made here send nowhere: their calls are kept for the test to look at.</summary>
internal sealed class CodecWorld : IGrainReferenceHost
{
    private static readonly GrainManifestBuilder Manifest = ManifestLoader.Load();

    private readonly GrainTypes _types = new(Manifest, new Dictionary<string, TimeSpan>());

    internal CodecWorld(Func<CodecEntry, bool>? isThere = null)
    {
        Codecs = new CodecProvider(Manifest.Codecs.Where(isThere ?? (static _ => true)), () => this);
        Messages = new MessageCodec(Codecs, Manifest);
        Serializer = new Serializer(Codecs);
    }

    internal static IReadOnlyList<RequestEntry> Requests => Manifest.Requests;

    internal static IReadOnlyList<CodecEntry> Types => Manifest.Codecs;

    internal CodecProvider Codecs { get; }

    internal MessageCodec Messages { get; }

    internal Serializer Serializer { get; }

    /// <summary>The call made last.</summary>
    internal GrainRequest Sent { get; private set; } = null!;

    internal T Reference<T>(string type, string key) where T : class =>
        (T)Cast(new GrainReference(this, GrainId.Create(type, key), default), typeof(T));

    internal T RoundTrip<T>(T value) => Serializer.Deserialize<T>(Serializer.SerializeToArray(value));

    internal byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    internal TRequest Resend<TRequest>(TRequest request) where TRequest : GrainRequest =>
        (TRequest)Messages.ReadRequest(new(Bytes(output => Messages.WriteRequest(request, output))));

    /// <summary>The answer of one request, as the waiting other one gets it.</summary>
    internal void PassAnswer(GrainRequest answered, GrainRequest waiting) =>
        Messages.ReadAnswer(waiting, new(Bytes(output => Messages.WriteAnswer(answered, output))));

    public TGrainInterface Cast<TGrainInterface>(GrainReference reference) => (TGrainInterface)Cast(reference, typeof(TGrainInterface));

    public object Cast(GrainReference reference, Type interfaceType)
    {
        var maker = _types.Maker(interfaceType);
        return maker.Make(new ProxyBinding(this, reference.GrainId, maker.InterfaceId));
    }

    public GrainReference Find(GrainId grainId, GrainInterfaceType interfaceType) =>
        _types.Interface(interfaceType) is { } type && !interfaceType.IsDefault
            ? (GrainReference)Cast(new GrainReference(this, grainId, default), type)
            : new GrainReference(this, grainId, default);

    public void Send(GrainReference target, GrainRequest request)
    {
        request.Target = target;
        Sent = request;
    }
}
