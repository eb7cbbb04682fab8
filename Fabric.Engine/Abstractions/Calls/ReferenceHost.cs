using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>What references need of the silo or client they belong to.</summary>
internal interface IGrainReferenceHost
{
    TGrainInterface Cast<TGrainInterface>(GrainReference reference);

    object Cast(GrainReference reference, Type interfaceType);

    /// <summary>The reference of that interface; one without an interface when it is not known here.</summary>
    GrainReference Find(GrainId grainId, GrainInterfaceType interfaceType);

    /// <summary>Sends a call; whatever goes wrong becomes the call's answer.</summary>
    void Send(GrainReference target, GrainRequest request);
}
