using System.Security.Cryptography;

namespace Fabric.Grains.Identity;

/// <summary>A file that holds one password, for its owner's eyes alone.</summary>
internal static class PasswordFile
{
    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int Length = 24;

    /// <summary>The password in the file; a new random one, written and synced first, when there is no such file.</summary>
    internal static async Task<string> ReadOrCreate(string path, CancellationToken ct)
    {
        if (File.Exists(path) && (await File.ReadAllTextAsync(path, ct)).Trim() is { Length: > 0 } kept)
            return kept;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var password = RandomNumberGenerator.GetString(Letters, Length);
        var unfinished = path + ".new";
        File.Delete(unfinished);
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

        File.Move(unfinished, path, overwrite: true);
        return password;
    }
}
