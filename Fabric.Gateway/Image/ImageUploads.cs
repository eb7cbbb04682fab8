using System.Collections.Concurrent;

namespace Fabric.Gateway.Image;

/// <summary>The uploads under way in this process, so that the reconciler can tell one that goes on from one that died.</summary>
internal sealed class ImageUploads
{
    private readonly ConcurrentDictionary<string, ImageId> running = new(StringComparer.Ordinal);

    /// <summary>Begins one; dispose ends it.</summary>
    internal Upload Begin(ImageId image)
    {
        var upload = new Upload(this, Guid.NewGuid().ToString("N"));
        running[upload.Id] = image;
        return upload;
    }

    /// <summary>Whether it still goes on here.</summary>
    internal bool IsRunning(string uploadId) => running.ContainsKey(uploadId);

    internal sealed class Upload(ImageUploads owner, string id) : IDisposable
    {
        internal string Id => id;

        public void Dispose() => owner.running.TryRemove(id, out _);
    }
}
