using Orleans.Storage;

namespace Fabric.Engine;

/// <summary>
/// Recognises an etag conflict of the activation that is finishing, not one that it merely passes on from a grain it called.
/// </summary>
internal static class StorageConflict
{
    internal static bool IsOwn(Exception failure)
    {
        if (failure is not InconsistentStateException { IsSourceActivation: true } conflict)
            return false;
        conflict.IsSourceActivation = false;
        return true;
    }
}
