using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Agent;

namespace Fabric.NodeAgent.Storage;

/// <summary>
/// The disks of a node's guests, under one directory: <c>images</c> for what came from the image service, <c>instances/ID</c> for each
/// guest. A file that has its name is complete, since it gets the name last; so after a crash in the middle the work simply goes on. A disk
/// that is there is never made anew: it may hold a user's data.
/// </summary>
internal sealed class GuestDisks(string directory, ImageCache images)
{
    private const long GiB = 1L << 30;
    private const long MiB = 1L << 20;

    private static readonly string[] MakeEphemeral = ["mkfs.ext4", "-q", "-F", "-L", "ephemeral0"];
    private static readonly string[] MakeSwap = ["mkswap", "-L", "swap"];

    /// <summary>The disks of the node that keeps its files there.</summary>
    public static GuestDisks Under(string directory, IImageSource source)
    {
        var images = new ImageCache(Path.Combine(directory, "images"), source);
        images.Tidy();
        return new(directory, images);
    }

    /// <summary>Where the guest's files are, or would be.</summary>
    public GuestFiles Files(InstanceId id) => new(Path.Combine(directory, "instances", id.Text));

    /// <summary>Makes the disks that are missing. What was made is taken back with <paramref name="undos"/>.</summary>
    public async Task<GuestFiles> Ensure(DesiredInstance instance, Undos undos, CancellationToken ct)
    {
        var files = Files(instance.Id);
        if (!Directory.Exists(files.Directory))
        {
            Directory.CreateDirectory(files.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            undos.Add(() => Directory.Delete(files.Directory, recursive: true));
        }
        await Make(files.RootDisk, undos, path => Root(instance.RootDisk, path, ct));
        if (instance.EphemeralGiB > 0)
            await Make(files.EphemeralDisk, undos, path => Blank(path, instance.EphemeralGiB * GiB, MakeEphemeral, ct));
        if (instance.SwapMiB > 0)
            await Make(files.SwapDisk, undos, path => Blank(path, instance.SwapMiB * MiB, MakeSwap, ct));
        return files;
    }

    /// <summary>Writes the config drive anew; it holds nothing of the guest's. For a guest that does not run.</summary>
    public async Task WriteConfigDrive(DesiredInstance instance, CancellationToken ct)
    {
        if (instance.ConfigDrive is not { } content)
            return;
        var target = Files(instance.Id).ConfigDrive;
        var unfinished = target + ".part";
        await ConfigDriveIso.Write(content, unfinished, ct);
        File.Move(unfinished, target, overwrite: true);
    }

    /// <summary>None of the guest's files.</summary>
    public void EnsureAbsent(InstanceId id)
    {
        var files = Files(id);
        if (Directory.Exists(files.Directory))
            Directory.Delete(files.Directory, recursive: true);
    }

    private static async Task Make(string path, Undos undos, Func<string, Task> make)
    {
        if (File.Exists(path))
            return;
        var unfinished = path + ".part";
        File.Delete(unfinished);
        undos.Add(() => File.Delete(unfinished));
        await make(unfinished);
        File.Move(unfinished, path);
        undos.Add(() => File.Delete(path));
    }

    /// <summary>An overlay on the cached image: made at once whatever the image's size, and what the guest does not change is kept
    /// once.</summary>
    private async Task Root(DesiredRootDisk disk, string path, CancellationToken ct)
    {
        var (image, inside) = await images.Ensure(disk, ct);
        var wanted = disk.SizeGiB * GiB;
        if (disk.SizeGiB > 0 && inside.VirtualBytes > wanted)
        {
            throw Fault.BadRequest(
                "FlavorDiskSmallerThanImage",
                $"Flavor's disk is too small for requested image. Flavor disk is {wanted} bytes, image is {inside.VirtualBytes} bytes.");
        }
        string[] size = disk.SizeGiB > 0 ? [wanted.ToString(CultureInfo.InvariantCulture)] : [];
        await HostProgram.Run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", inside.Format, "-b", image, path, .. size], "", null, ct);
    }

    private static async Task Blank(string path, long bytes, string[] format, CancellationToken ct)
    {
        await using (var file = File.Create(path))
            file.SetLength(bytes);
        await HostProgram.Run([.. format, path], "", null, ct);
    }
}
