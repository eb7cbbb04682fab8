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

    /// <summary>Makes the directory, for its owner alone, unless it is there: keys and passwords lie in it. One that is there already keeps
    /// the mode it was given.</summary>
    public static void Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"the data directory {path} cannot be made ({failure.Message})");
        }
    }

    /// <summary>Takes the directory, making it when it is not there.</summary>
    public static DataDirectory Take(string path)
    {
        Make(path);
        try
        {
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
