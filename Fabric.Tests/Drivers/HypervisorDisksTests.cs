using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Storage;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

/// <summary>Images as they arrive on a node, and files of guests.</summary>
public sealed class HypervisorDisksTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_image_is_fetched_once_however_many_ask()
    {
        var source = new SourceTwin([1, 2, 3]);
        var cache = new ImageCache(folder.Path, source);
        var paths = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cache.Ensure(Wanted(source.Bytes), default)));
        Assert.Equal(1, source.Opened);
        Assert.Single(paths.Select(found => found.Path).Distinct());
        Assert.Equal(source.Bytes, await File.ReadAllBytesAsync(paths[0].Path));
    }

    [Fact]
    public async Task An_image_that_arrives_wrong_is_not_kept()
    {
        var source = new SourceTwin([1, 2, 3]);
        var cache = new ImageCache(folder.Path, source);
        await Assert.ThrowsAsync<InvalidDataException>(() => cache.Ensure(Wanted([1, 2, 4]), default));
        await Assert.ThrowsAsync<InvalidDataException>(() => cache.Ensure(Wanted([1, 2]), default));
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
        Assert.Equal("raw", (await cache.Ensure(Wanted(source.Bytes), default)).Image.Format);
    }

    [Fact]
    public async Task A_source_that_falls_silent_fails_the_fetch_and_leaves_nothing()
    {
        var cache = new ImageCache(folder.Path, new SilentSource(), TimeSpan.FromMilliseconds(50));
        var failure = await Assert.ThrowsAsync<IOException>(() => cache.Ensure(Wanted([1]), default));
        Assert.Contains("sent nothing", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public async Task A_digest_that_is_none_is_refused_and_never_becomes_a_path()
    {
        var cache = new ImageCache(folder.Path, new SourceTwin([]));
        var wanted = Wanted([]) with { ImageSha512 = "../../" + new string('a', 122) };
        await Assert.ThrowsAsync<Fault>(() => cache.Ensure(wanted, default));
    }

    [Theory]
    [InlineData(8, 1UL, "backing file")]
    [InlineData(72, 4UL, "data file")]
    [InlineData(0, 0UL, "not a qcow2")]
    public async Task A_qcow2_that_points_elsewhere_is_refused(int offset, ulong value, string reason)
    {
        var header = Qcow2Header();
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(offset), value);
        var path = folder.File("image");
        await File.WriteAllBytesAsync(path, header);
        var fault = await Assert.ThrowsAsync<Fault>(() => DiskImage.Inspect(path, "qcow2", default));
        Assert.Contains(reason, fault.Message);
    }

    [Fact]
    public async Task A_good_qcow2_tells_its_size_and_a_raw_file_is_raw_whatever_it_looks_like()
    {
        var path = folder.File("image");
        await File.WriteAllBytesAsync(path, Qcow2Header());
        Assert.Equal(new("qcow2", 1 << 30), await DiskImage.Inspect(path, "qcow2", default));
        Assert.Equal(new("raw", 104), await DiskImage.Inspect(path, "raw", default));
    }

    [Theory]
    [InlineData("one\ntwo\nthree\n", 1, "")]
    [InlineData("one\ntwo\nthree\n", 2, "three\n")]
    [InlineData("one\ntwo\nthree\n", 3, "two\nthree\n")]
    [InlineData("one\ntwo\nthree", 1, "three")]
    [InlineData("one\ntwo\n", 5, "one\ntwo\n")]
    [InlineData("\n\none\n", 9, "\n\none\n")]
    [InlineData("", 3, "")]
    [InlineData("one\n", 0, "")]
    public async Task The_last_lines_of_a_console_are_counted_as_nova_counts_them(string log, int lines, string expected)
    {
        var files = new GuestFiles(folder.Path);
        await File.WriteAllTextAsync(files.ConsoleLog, log);
        Assert.Equal(expected, await files.ConsoleTail(lines, default));
        Assert.Equal(log, await files.ConsoleTail(null, default));
    }

    [Fact]
    public async Task A_console_log_that_grew_too_long_keeps_its_tail_and_is_appended_to()
    {
        var files = new GuestFiles(folder.Path);
        await using var guest = new FileStream(files.ConsoleLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await guest.WriteAsync(Enumerable.Repeat((byte)'x', 5 << 20).Append((byte)'\n').ToArray());
        await guest.FlushAsync();
        await files.CapConsole(default);
        Assert.Equal(100 * 1024, new FileInfo(files.ConsoleLog).Length);
        Assert.EndsWith("xx\n", await files.ConsoleTail(null, default));
    }

    private static DesiredRootDisk Wanted(byte[] bytes) => new()
    {
        ImageId = ImageId.New(),
        ImageFormat = "raw",
        ImageSha512 = Convert.ToHexStringLower(SHA512.HashData(bytes)),
        ImageBytes = bytes.Length,
        SizeGiB = 0,
    };

    private static byte[] Qcow2Header()
    {
        var header = new byte[104];
        BinaryPrimitives.WriteUInt32BigEndian(header, 0x514649fb);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), 3);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(24), 1 << 30);
        return header;
    }

    private sealed class SilentSource : IImageSource
    {
        public Task<Stream> Open(ImageId id, CancellationToken ct) => Task.FromResult(new Pipe().Reader.AsStream());
    }

    private sealed class SourceTwin(byte[] bytes) : IImageSource
    {
        private int opened;

        public byte[] Bytes => bytes;

        public int Opened => opened;

        public Task<Stream> Open(ImageId id, CancellationToken ct)
        {
            Interlocked.Increment(ref opened);
            return Task.FromResult<Stream>(new MemoryStream(bytes));
        }
    }
}
