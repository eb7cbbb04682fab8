namespace Fabric.Grains.Storage;

/// <summary>Names under which storage is registered with the engine.</summary>
public static class StorageNames
{
    /// <summary>The one provider of durable records; also the default one.</summary>
    public const string Records = "Default";
}
