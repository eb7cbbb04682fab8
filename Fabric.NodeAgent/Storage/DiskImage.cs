using System.Buffers.Binary;
using Fabric.Grains.Kernel;

namespace Fabric.NodeAgent.Storage;

/// <summary>What is in an image's file, as far as its beginning tells.</summary>
/// <param name="Format">The format by which QEMU opens it: <c>raw</c> or <c>qcow2</c>.</param>
/// <param name="VirtualBytes">The size of the disk that a guest sees.</param>
internal sealed record DiskImage(string Format, long VirtualBytes)
{
    /// <summary>Fields of qcow2's header, as <c>docs/interop/qcow2.txt</c> of QEMU numbers them.</summary>
    private const int HeaderBytes = 104;
    private const uint Qcow2Magic = 0x514649fb;
    private const ulong ExternalDataFile = 1 << 2;

    /// <summary>Looks into a file that came from a user. The format is the one the image was declared to have, never guessed: a raw disk
    /// that begins like a qcow2 would otherwise make QEMU open whatever file of the host it names.</summary>
    public static async Task<DiskImage> Inspect(string path, string declaredFormat, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        if (declaredFormat is "raw" or "iso")
            return new("raw", file.Length);
        if (declaredFormat != "qcow2")
            throw Unacceptable($"disk format {declaredFormat} cannot be booted here");
        var header = new byte[HeaderBytes];
        var read = await file.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, ct);
        return read == HeaderBytes ? Qcow2(header) : throw Unacceptable("it is too short for a qcow2 file");
    }

    private static DiskImage Qcow2(ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != Qcow2Magic)
            throw Unacceptable("it is not a qcow2 file");
        var version = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (version is not (2 or 3))
            throw Unacceptable($"qcow2 version {version} is unknown");
        if (BinaryPrimitives.ReadUInt64BigEndian(header[8..]) != 0)
            throw Unacceptable("it has a backing file");
        if (BinaryPrimitives.ReadUInt32BigEndian(header[32..]) != 0)
            throw Unacceptable("it is encrypted");
        if (version == 3 && (BinaryPrimitives.ReadUInt64BigEndian(header[72..]) & ExternalDataFile) != 0)
            throw Unacceptable("it has a data file");
        var size = BinaryPrimitives.ReadUInt64BigEndian(header[24..]);
        return size <= long.MaxValue ? new("qcow2", (long)size) : throw Unacceptable("its size is out of bounds");
    }

    private static Fault Unacceptable(string why) => Fault.BadRequest("ImageUnacceptable", $"Image is unacceptable: {why}.");
}
