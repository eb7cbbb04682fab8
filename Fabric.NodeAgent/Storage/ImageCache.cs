using System.Buffers;
using System.Security.Cryptography;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Agent;

namespace Fabric.NodeAgent.Storage;

/// <summary>
/// Images on the node's own disk, each fetched once, whole and checked before anyone sees it. Named by the digest of their bytes, so two
/// images of the same content are one file, and a file that has its name is complete: it gets the name last.
/// </summary>
/// <param name="directory">Where they lie.</param>
/// <param name="source">Where they come from.</param>
/// <param name="mostSilence">A source that sends nothing for so long is dead: the fetch fails, and can be tried again. Default: a
/// minute.</param>
internal sealed class ImageCache(string directory, IImageSource source, TimeSpan? mostSilence = null)
{
    private const string Unfinished = ".part";
    private const int BufferBytes = 1 << 20;

    private readonly TimeSpan mostSilence = mostSilence ?? TimeSpan.FromMinutes(1);

    private readonly KeyedLocks<string> fetches = new();

    /// <summary>The file of an image's bytes and what is in it. Fetches it when it is not there yet.</summary>
    public async Task<(string Path, DiskImage Image)> Ensure(DesiredRootDisk disk, CancellationToken ct)
    {
        var digest = disk.ImageSha512;
        if (digest.Length != 128 || !digest.All(char.IsAsciiHexDigitLower))
            throw Fault.BadRequest("ImageUnacceptable", $"Image {disk.ImageId} has no usable checksum.");
        var path = Path.Combine(directory, digest);
        using (await fetches.Take(digest, ct))
        {
            if (!File.Exists(path))
                await Fetch(disk, path, ct);
        }
        return (path, await DiskImage.Inspect(path, disk.ImageFormat, ct));
    }

    /// <summary>Removes what fetches of an earlier process left behind. Not while any is at work.</summary>
    public void Tidy()
    {
        Directory.CreateDirectory(directory);
        foreach (var leftover in Directory.EnumerateFiles(directory, "*" + Unfinished))
            File.Delete(leftover);
    }

    private async Task Fetch(DesiredRootDisk disk, string path, CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        var unfinished = path + Unfinished;
        await Undos.Run(async undos =>
        {
            undos.Add(() => File.Delete(unfinished));
            await using (var from = await source.Open(disk.ImageId, ct))
            await using (var to = File.Create(unfinished, BufferBytes, FileOptions.Asynchronous))
                await Copy(disk, from, to, ct);
            // Nothing of a guest's may be written through a name that other guests' disks stand on.
            File.SetUnixFileMode(unfinished, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            await DiskImage.Inspect(unfinished, disk.ImageFormat, ct);
            File.Move(unfinished, path);
        });
    }

    private async Task Copy(DesiredRootDisk disk, Stream from, FileStream to, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long copied = 0;
            int read;
            while ((read = await ReadOrFail(from, buffer, ct)) > 0)
            {
                copied += read;
                if (copied > disk.ImageBytes)
                    throw new InvalidDataException($"Image {disk.ImageId} is longer than its {disk.ImageBytes} bytes.");
                hash.AppendData(buffer, 0, read);
                await to.WriteAsync(buffer.AsMemory(0, read), ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (digest != disk.ImageSha512)
            throw new InvalidDataException($"Image {disk.ImageId} arrived with other bytes than it should have.");
    }

    /// <summary>Ends the read itself when the source is silent for too long: one that was only not awaited any more would still write into
    /// the buffer, which is another's by then.</summary>
    private async Task<int> ReadOrFail(Stream from, byte[] buffer, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(mostSilence);
        try
        {
            return await from.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new IOException($"The source of an image sent nothing for {mostSilence}.");
        }
    }
}
