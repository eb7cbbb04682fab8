namespace Fabric.Gateway.Image;

/// <summary>
/// The uploads under way at this store, whichever process serves them, so that a reconciler can tell one that goes on from one that died.
/// Each holds the lock on a file of its own for as long as it runs: the lock is the kernel's, so it ends with its process, and gateways
/// that share the store's directory see each other's.
/// </summary>
internal sealed class ImageUploads(ImageFileStore store)
{
    /// <summary>Begins one; dispose ends it.</summary>
    internal Upload Begin()
    {
        var id = Guid.NewGuid().ToString("N");
        return new(id, new(store.LockOf(id), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
    }

    /// <summary>Whether some process still goes on with it.</summary>
    internal bool IsRunning(string uploadId)
    {
        try
        {
            using var free = new FileStream(store.LockOf(uploadId), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    internal sealed class Upload(string id, FileStream held) : IDisposable
    {
        internal string Id => id;

        public void Dispose() => held.Dispose();
    }
}
