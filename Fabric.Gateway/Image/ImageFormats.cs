using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Image;

/// <summary>
/// Looks at what arrived before anybody uses it. A guest's disk is opened on a node by a program that follows what the file says: a
/// backing file or an external data file named inside would let a user read any file of the node. And a file that is another format than
/// it is said to be would be inspected as one and opened as the other. So both are refused here.
/// </summary>
internal static partial class ImageFormats
{
    private const int HeaderBytes = 64 * 1024;
    private const ulong ExternalDataFile = 1 << 2;

    /// <summary>The guest's disk size in bytes. Throws a fault for content that is not of the format, or that points outside of
    /// itself.</summary>
    internal static async Task<long> Inspect(FileStream file, string diskFormat, CancellationToken ct)
    {
        var header = new byte[HeaderBytes];
        file.Position = 0;
        var read = await file.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, ct);
        return Inspect(header.AsSpan(0, read), diskFormat, file.Length);
    }

    /// <summary>The same, over the first bytes of a file of that length.</summary>
    internal static long Inspect(ReadOnlySpan<byte> header, string diskFormat, long length)
    {
        var found = Detect(header);
        return diskFormat switch
        {
            "qcow2" => found == "qcow2" ? Qcow2(header) : throw Mismatch(diskFormat),
            "vmdk" => found == "vmdk" ? Vmdk(header) : throw Mismatch(diskFormat),
            "vdi" => found == "vdi" ? BinaryPrimitives.ReadInt64LittleEndian(header[368..]) : throw Mismatch(diskFormat),
            "vhdx" => found == "vhdx" ? length : throw Mismatch(diskFormat),

            // A fixed VHD has its mark only at the end.
            "vhd" => found == "vhd" ? Vhd(header) : found is null ? length : throw Mismatch(diskFormat),
            "iso" => found is null or "iso" ? length : throw Mismatch(diskFormat),
            "raw" or "ami" or "aki" or "ari" => found is null or "iso" ? length : throw Mismatch(diskFormat),
            _ => length,
        };
    }

    private static string? Detect(ReadOnlySpan<byte> header)
    {
        if (header.Length > 3 && header.StartsWith("QFI"u8) && header[3] == 0xfb)
            return "qcow2";
        if (header.StartsWith("KDMV"u8) || header.StartsWith("# Disk DescriptorFile"u8))
            return "vmdk";
        if (header.StartsWith("vhdxfile"u8))
            return "vhdx";
        if (header.StartsWith("conectix"u8))
            return "vhd";
        if (header.Length >= 512 && BinaryPrimitives.ReadUInt32LittleEndian(header[64..]) == 0xbeda107f)
            return "vdi";
        return header.Length >= 32774 && header.Slice(32769, 5).SequenceEqual("CD001"u8) ? "iso" : null;
    }

    private static long Qcow2(ReadOnlySpan<byte> header)
    {
        if (header.Length < 104)
            throw Unsafe("it ends within its header");
        var version = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (version is not (2 or 3))
            throw Unsafe($"qcow2 version {version} is not known");
        if (BinaryPrimitives.ReadUInt64BigEndian(header[8..]) != 0)
            throw Unsafe("it has a backing file");
        if (version == 3 && (BinaryPrimitives.ReadUInt64BigEndian(header[72..]) & ExternalDataFile) != 0)
            throw Unsafe("it has an external data file");
        return BinaryPrimitives.ReadInt64BigEndian(header[24..]);
    }

    private static long Vhd(ReadOnlySpan<byte> header) =>
        header.Length >= 512 ? BinaryPrimitives.ReadInt64BigEndian(header[48..]) : throw Unsafe("it ends within its header");

    private static long Vmdk(ReadOnlySpan<byte> header)
    {
        // Only the kinds that hold their own data: the others are a text naming other files.
        if (!header.StartsWith("KDMV"u8) || header.Length < 512)
            throw Unsafe("it names other files");
        var descriptorAt = BinaryPrimitives.ReadInt64LittleEndian(header[28..]) * 512;
        if (descriptorAt is <= 0 or >= HeaderBytes || descriptorAt >= header.Length)
            throw Unsafe("it has no description of its own");
        var kind = CreateType().Match(Encoding.Latin1.GetString(header[(int)descriptorAt..]));
        if (!kind.Success || kind.Groups[1].Value is not ("monolithicSparse" or "streamOptimized"))
            throw Unsafe("it names other files");
        return BinaryPrimitives.ReadInt64LittleEndian(header[12..]) * 512;
    }

    private static Fault Mismatch(string diskFormat) => new(FaultKind.UnsupportedMediaType, "InvalidImageData",
        $"The image content does not match the disk format {diskFormat} given for it.");

    private static Fault Unsafe(string reason) =>
        new(FaultKind.UnsupportedMediaType, "InvalidImageData", $"The image is not accepted: {reason}.");

    [GeneratedRegex("createType=\"([^\"]*)\"")]
    private static partial Regex CreateType();
}
