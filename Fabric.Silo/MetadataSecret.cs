using System.Security.Cryptography;

namespace Fabric.Silo;

/// <summary>The secret by which the gateway believes a node which guest asks for metadata: made once, in a file for its owner
/// alone.</summary>
internal static class MetadataSecret
{
    private const int Bytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The secret of a data directory.</summary>
    public static string Of(string dataDir)
    {
        var path = Path.Combine(dataDir, "metadata-secret");
        if (!File.Exists(path))
        {
            // It gets its name when it is whole: a start that was killed half-way must not leave an empty secret behind.
            var unfinished = path + ".part";
            File.Delete(unfinished);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            using (var writer = new StreamWriter(unfinished, options))
                writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)));
            File.Move(unfinished, path);
        }
        return File.ReadAllText(path).Trim();
    }
}
