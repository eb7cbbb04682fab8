using System.Security.Cryptography;

namespace Fabric.Hosting;

/// <summary>Secrets that are made once and kept in a file for its owner alone. Any number of processes may ask for one at the same time:
/// all get the same.</summary>
public static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The text in the file; a random one of so many bytes, in hexadecimal, when there is no such file yet.</summary>
    public static string ReadOrCreate(string path, int bytes)
    {
        if (!File.Exists(path))
            Create(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes)));
        return File.ReadAllText(path).Trim();
    }

    /// <summary>Makes the file with this content, durably, unless it is there: it gets its name when it is whole, and the first to name one
    /// wins.</summary>
    public static void Create(string path, string content)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}.part";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var file = new FileStream(unfinished, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(unfinished, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(unfinished);
        }
    }
}
