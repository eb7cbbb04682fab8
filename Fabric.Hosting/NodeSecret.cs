namespace Fabric.Hosting;

/// <summary>The secret that nodes and gateways share, by which a gateway believes a node which guest asks for metadata, and that it is a
/// node that asks for an image.</summary>
public static class NodeSecret
{
    private const int Bytes = 32;

    /// <summary>The secret of a cloud; made when there is none.</summary>
    /// <param name="sharedDirectory">The directory of what all its processes have alike.</param>
    public static string Of(string sharedDirectory)
    {
        DataDirectory.Make(sharedDirectory);
        return SecretFile.ReadOrCreate(Path.Combine(sharedDirectory, "metadata-secret"), Bytes);
    }
}
