using System.Security.Cryptography;

namespace Fabric.Grains.Identity;

/// <summary>A file that holds one password, for its owner's eyes alone.</summary>
public static class PasswordFile
{
    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int Length = 24;
    private const string Unfinished = ".part";

    /// <summary>Puts a password into the file, whatever was there: the one given, or a new random one.</summary>
    public static async Task Replace(string path, string? password, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(await Write(path, password ?? RandomPassword, ct), path, overwrite: true);
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
        var password = RandomPassword;
        var unfinished = await Write(path, password, ct);
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

    private static string RandomPassword => RandomNumberGenerator.GetString(Letters, Length);

    // A file beside the one meant, whole and on the disk. Those of processes that died before they named theirs go.
    private static async Task<string> Write(string path, string password, CancellationToken ct)
    {
        foreach (var left in Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*" + Unfinished))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(left) > TimeSpan.FromMinutes(10))
                File.Delete(left);
        }

        var unfinished = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using var file = new FileStream(unfinished, options);
        await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(password + "\n"), ct);
        file.Flush(flushToDisk: true);
        return unfinished;
    }
}
