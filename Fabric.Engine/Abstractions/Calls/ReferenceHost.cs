using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>What references need of the silo or client they belong to.</summary>
internal interface IGrainReferenceHost
{
    TGrainInterface Cast<TGrainInterface>(GrainReference reference);

    object Cast(GrainReference reference, Type interfaceType);
}
