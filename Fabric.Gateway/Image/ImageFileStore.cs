using System.Security.Cryptography;
using Fabric.Grains.Image;
using Fabric.Grains.Nodes;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Image;

/// <summary>Where image bytes are kept.</summary>
public sealed class ImageStoreOptions
{
    /// <summary>A directory of this process's own. Default: <c>images</c> below the data directory.</summary>
    public string Directory { get; set; } = "images";

    /// <summary>Largest image, in bytes (glance's <c>image_size_cap</c>).</summary>
    public long MaxBytes { get; set; } = 1L << 40;
}

/// <summary>
/// The file store: one file per image, named by its id. Bytes arrive in a file named by the upload; when all are there, checked and flushed
/// to the disk, it takes the image's name in one step. So a file with an image's name is always whole, whatever died.
/// </summary>
internal sealed class ImageFileStore : IImageSource
{
    private const string PartSuffix = ".part";
    private const string LockSuffix = ".lock";

    /// <summary>A lock file is made a moment before it is locked: only an old one that nobody holds was left by a process that
    /// died.</summary>
    private static readonly TimeSpan OldLock = TimeSpan.FromMinutes(10);
    private const int BufferBytes = 1 << 20;

    private readonly string directory;
    private readonly long maxBytes;

    public ImageFileStore(IOptions<ImageStoreOptions> options)
    {
        directory = Path.GetFullPath(options.Value.Directory);
        maxBytes = options.Value.MaxBytes;
        Directory.CreateDirectory(directory);
    }

    /// <summary>Stores the bytes. Throws a fault when they are not of the format said, may not be used, or are too many; then nothing is
    /// kept.</summary>
    public async Task<StoredImageData> Write(ImageId id, string uploadId, string diskFormat, Stream from, CancellationToken ct)
    {
        var part = Path.Combine(directory, uploadId + PartSuffix);
        try
        {
            var data = await Receive(part, diskFormat, from, ct);
            File.Move(part, FileOf(id), overwrite: true);

            // The rename is durable only when the directory is: without it a power cut may bring the old name back.
            DirectoryFlush.Flush(directory);
            return data;
        }
        catch (IOException full) when (full.HResult == NoSpaceLeft)
        {
            throw new Fault(FaultKind.TooLarge, "StorageFull",
                "Image storage media is full: There is not enough disk space on the image storage media.");
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>The bytes, from the start.</summary>
    public FileStream OpenRead(ImageId id)
    {
        try
        {
            return new(FileOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 16,
                FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            throw Fault.NotFound("ImageDataNotFound", $"Image data for image {id} could not be found.");
        }
    }

    /// <inheritdoc/>
    public Task<Stream> Open(ImageId id, CancellationToken ct) => Task.FromResult<Stream>(OpenRead(id));

    /// <summary>Removes the bytes; nothing when there are none. A reader that has them open reads on.</summary>
    public void Delete(ImageId id) => File.Delete(FileOf(id));

    /// <summary>The file that an upload holds locked.</summary>
    public string LockOf(string uploadId) => Path.Combine(directory, uploadId + LockSuffix);

    /// <summary>What lies here: whole images, and uploads in pieces.</summary>
    public (IReadOnlyList<ImageId> Images, IReadOnlyList<string> UploadIds) Contents()
    {
        var images = new List<ImageId>();
        var uploads = new List<string>();
        foreach (var name in Directory.EnumerateFiles(directory).Select(Path.GetFileName))
        {
            if (name!.EndsWith(PartSuffix, StringComparison.Ordinal))
                uploads.Add(name[..^PartSuffix.Length]);
            else if (name.EndsWith(LockSuffix, StringComparison.Ordinal) && IsOld(name))
                uploads.Add(name[..^LockSuffix.Length]);
            else if (ImageId.TryParse(name, out var id))
                images.Add(id);
        }

        return (images, uploads);
    }

    /// <summary>Removes what came of an upload that died.</summary>
    public void DeletePart(string uploadId)
    {
        File.Delete(Path.Combine(directory, uploadId + PartSuffix));
        File.Delete(LockOf(uploadId));
    }

    private bool IsOld(string name) => File.GetLastWriteTimeUtc(Path.Combine(directory, name)) < DateTime.UtcNow - OldLock;

    /// <summary>ENOSPC as .NET reports it.</summary>
    private const int NoSpaceLeft = 28;

    private async Task<StoredImageData> Receive(string part, string diskFormat, Stream from, CancellationToken ct)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        await using var file = new FileStream(
            part, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long size = 0;
            int read;
            while ((read = await from.ReadAtLeastAsync(buffer.AsMemory(0, BufferBytes), BufferBytes, throwOnEndOfStream: false, ct)) > 0)
            {
                size += read;
                if (size > maxBytes)
                    throw new Fault(FaultKind.TooLarge, "ImageSizeLimitExceeded",
                        "The incoming image is too large: The provided image is too large.");
                md5.AppendData(buffer, 0, read);
                sha512.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), ct);
            }

            var virtualSize = await ImageFormats.Inspect(file, diskFormat, ct);
            file.Flush(flushToDisk: true);
            return new(size, virtualSize, Convert.ToHexStringLower(md5.GetHashAndReset()),
                Convert.ToHexStringLower(sha512.GetHashAndReset()));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string FileOf(ImageId id) => Path.Combine(directory, id.Text);
}
