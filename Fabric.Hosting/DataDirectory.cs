namespace Fabric.Hosting;

/// <summary>The directory of all state, owned by one process: two writers would each believe in their own memory. The lock is the
/// kernel's, so it is gone with its owner, however that ends.</summary>
public sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream lockFile;

    private DataDirectory(string path, FileStream lockFile)
    {
        Path = path;
        this.lockFile = lockFile;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Takes the directory, making it when it is not there.</summary>
    public static DataDirectory Take(string path)
    {
        try
        {
            // Keys and passwords lie in it. A directory that is there already keeps the mode it was given.
            if (!OperatingSystem.IsWindows())
                Directory.CreateDirectory(path, OwnerOnly);
            var file = System.IO.Path.Combine(path, "lock");
            return new(path, new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartRefusedException($"the data directory {path} cannot be written to");
        }
        catch (IOException failure)
        {
            throw new StartRefusedException(
                $"the data directory {path} cannot be used; is another process of Fabric's running on it? ({failure.Message})");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => lockFile.Dispose();
}
