using System.Buffers.Binary;
using System.Text;
using Fabric.Gateway.Image;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Image;

public sealed class ImageFormatsTests
{
    [Fact]
    public void A_qcow2_says_its_own_size() => Assert.Equal(5L << 30, ImageFormats.Inspect(Qcow2(5L << 30), "qcow2", 4096));

    [Fact]
    public void A_qcow2_with_a_backing_file_is_refused()
    {
        var image = Qcow2(1 << 30);
        BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(8), 0x200);
        Assert.Equal("The image is not accepted: it has a backing file.", Refused(image, "qcow2").Message);
    }

    [Fact]
    public void A_qcow2_with_an_external_data_file_is_refused()
    {
        var image = Qcow2(1 << 30);
        BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(72), 1 << 2);
        Assert.Equal("The image is not accepted: it has an external data file.", Refused(image, "qcow2").Message);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(4u)]
    public void A_qcow2_of_an_unknown_version_is_refused(uint version)
    {
        var image = Qcow2(1 << 30);
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(4), version);
        Refused(image, "qcow2");
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("iso")]
    [InlineData("vmdk")]
    [InlineData("vhd")]
    public void A_qcow2_that_is_said_to_be_something_else_is_refused(string said) => Refused(Qcow2(1 << 30), said);

    [Fact]
    public void Bytes_that_are_no_qcow2_are_refused_as_one() => Refused(new byte[4096], "qcow2");

    [Fact]
    public void A_raw_image_is_as_large_as_its_bytes() => Assert.Equal(12_345, ImageFormats.Inspect(new byte[512], "raw", 12_345));

    [Fact]
    public void An_empty_raw_image_has_size_zero() => Assert.Equal(0, ImageFormats.Inspect([], "raw", 0));

    [Fact]
    public void A_vmdk_that_names_other_files_is_refused()
    {
        Refused(Encoding.ASCII.GetBytes("# Disk DescriptorFile\ncreateType=\"monolithicFlat\"\nRW 1 FLAT \"/etc/passwd\" 0\n"), "vmdk");
        Refused(Vmdk("twoGbMaxExtentSparse"), "vmdk");
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    public void A_vmdk_with_its_own_data_is_taken(string kind) => Assert.Equal(1 << 20, ImageFormats.Inspect(Vmdk(kind), "vmdk", 4096));

    [Fact]
    public void No_bytes_whatever_make_the_inspection_fail_but_by_a_fault()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] formats = ["qcow2", "raw", "vmdk", "vdi", "vhd", "vhdx", "iso", "ami", "ploop"];
        byte[][] heads = [[], [.. "QFI"u8, 0xfb], [.. "KDMV"u8], [.. "vhdxfile"u8], [.. "conectix"u8], [.. "# Disk DescriptorFile"u8]];
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(0, 1024)];
            random.NextBytes(bytes);
            var head = heads[random.Next(heads.Length)];
            byte[] all = [.. head, .. bytes];
            try
            {
                ImageFormats.Inspect(all, formats[random.Next(formats.Length)], all.Length);
            }
            catch (Fault)
            {
            }
            catch (Exception error)
            {
                Assert.Fail($"Seed {seed}, case {i}: {error}");
            }
        }
    }

    private static Fault Refused(byte[] image, string format)
    {
        var fault = Assert.Throws<Fault>(() => ImageFormats.Inspect(image, format, image.Length));
        Assert.Equal(FaultKind.UnsupportedMediaType, fault.Kind);
        return fault;
    }

    private static byte[] Qcow2(long size)
    {
        var image = new byte[512];
        "QFI"u8.CopyTo(image);
        image[3] = 0xfb;
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(4), 3);
        BinaryPrimitives.WriteInt64BigEndian(image.AsSpan(24), size);
        return image;
    }

    private static byte[] Vmdk(string kind)
    {
        var image = new byte[2048];
        "KDMV"u8.CopyTo(image);
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(12), (1 << 20) / 512);
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(28), 1);
        Encoding.ASCII.GetBytes($"# Disk DescriptorFile\ncreateType=\"{kind}\"\n").CopyTo(image, 512);
        return image;
    }
}
