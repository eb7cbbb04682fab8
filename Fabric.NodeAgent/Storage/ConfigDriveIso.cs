using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Storage;

/// <summary>A config drive: a CD-ROM labelled <c>config-2</c>, by which guests know it.</summary>
internal static class ConfigDriveIso
{
    /// <summary>Writes the image.</summary>
    public static async Task Write(IReadOnlyList<ConfigDriveFile> files, string target, CancellationToken ct)
    {
        var content = target + ".d";
        if (Directory.Exists(content))
            Directory.Delete(content, recursive: true);
        // Only for root's eyes: user data often holds passwords.
        Directory.CreateDirectory(content, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            foreach (var file in files)
                await WriteFile(content, file, ct);
            File.Delete(target);
            await HostProgram.Run(
                ["genisoimage", "-quiet", "-o", target, "-V", "config-2", "-J", "-r", "-l", "-allow-lowercase", content], "", null, ct);
        }
        finally
        {
            Directory.Delete(content, recursive: true);
        }
    }

    private static async Task WriteFile(string content, ConfigDriveFile file, CancellationToken ct)
    {
        var path = Path.GetFullPath(Path.Combine(content, file.Path));
        if (!path.StartsWith(content + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw Fault.BadRequest("ConfigDriveInvalidValue", $"The config drive cannot hold a file '{file.Path}'.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, file.Content, ct);
    }
}
