using System.Security.Cryptography;

namespace Fabric.Grains.Identity;

/// <summary>A file that holds one password, for its owner's eyes alone.</summary>
internal static class PasswordFile
{
    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int Length = 24;

    /// <summary>Puts a new random password into the file, whatever was there.</summary>
    internal static async Task Renew(string path, CancellationToken ct)
    {
        File.Delete(path);
        await ReadOrCreate(path, ct);
    }

    /// <summary>The password in the file; a new random one, written and synced first, when there is no such file. Of several processes that
    /// ask at the same time the first to name its file wins, and all get its password.</summary>
    internal static async Task<string> ReadOrCreate(string path, CancellationToken ct)
    {
        if (File.Exists(path))
        {
            if ((await File.ReadAllTextAsync(path, ct)).Trim() is { Length: > 0 } kept)
                return kept;
            File.Delete(path);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var password = RandomNumberGenerator.GetString(Letters, Length);
        var unfinished = $"{path}.{Guid.NewGuid():N}.part";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using (var file = new FileStream(unfinished, options))
        {
            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(password + "\n"), ct);
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(unfinished, path, overwrite: false);
            return password;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(unfinished);
            return (await File.ReadAllTextAsync(path, ct)).Trim();
        }
    }
}
