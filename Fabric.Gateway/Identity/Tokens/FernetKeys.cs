using System.Buffers.Text;
using System.Security.Cryptography;
using System.Globalization;
using Fabric.Grains.Identity;
using Fabric.Hosting;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>
/// The keys that tokens are signed and sealed with: a directory as Keystone keeps it, so that its runbooks hold. The file <c>0</c> is
/// staged: every process knows it before it is used. The highest number is the primary, which signs; the others are secondary, and still
/// open what they signed. Rotation makes the staged key the primary, stages a new one, and drops the oldest. Each file is 32 random bytes
/// in URL-safe base 64.
/// </summary>
internal sealed class FernetKeys
{
    private const int KeyBytes = 32;
    private const string Staged = "0";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string directory;
    private readonly int maxActive;
    private readonly Lock gate = new();
    private Loaded loaded;

    /// <summary>Opens the repository; makes it, with one staged and one primary key, when there is none.</summary>
    public FernetKeys(IOptions<IdentityOptions> options)
        : this(options.Value.PathOf(options.Value.KeyRepository), options.Value.MaxActiveKeys)
    {
    }

    internal FernetKeys(string directory, int maxActive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxActive, 2);
        (this.directory, this.maxActive) = (directory, maxActive);
        Directory.CreateDirectory(directory, OwnerOnly);
        if (Numbers().Count == 0)
            WriteKey("1");
        if (!File.Exists(PathOf(Staged)))
            WriteKey(Staged);
        loaded = Load();
    }

    /// <summary>The key that signs.</summary>
    internal FernetKey Primary => Current().Keys[0];

    /// <summary>All keys that open, the primary first.</summary>
    internal IReadOnlyList<FernetKey> All => Current().Keys;

    /// <summary>What one of the keys sealed, or null.</summary>
    internal byte[]? Open(string text, int longest = FernetKey.LongestToken)
    {
        if (FernetKey.Decode(text, longest) is not { } bytes)
            return null;
        foreach (var key in All)
        {
            if (key.Open(bytes) is { } content)
                return content;
        }

        return null;
    }

    /// <summary>Stages a new key, and makes the one that was staged the primary. Tokens signed by a key that is dropped end.</summary>
    internal void Rotate()
    {
        lock (gate)
        {
            // Each step leaves a repository that works; a crash before the new staged key is made good by the next start.
            File.Move(PathOf(Staged), PathOf((Numbers().Max() + 1).ToString(CultureInfo.InvariantCulture)));
            WriteKey(Staged);
            var numbers = Numbers();
            foreach (var old in numbers.Where(static number => number != 0).Order().Take(Math.Max(0, numbers.Count - maxActive)))
                File.Delete(PathOf(old.ToString(CultureInfo.InvariantCulture)));
            loaded = Load();
        }
    }

    // A rotation by another process shows in the directory's time, which costs one look-up in the kernel's cache.
    private Loaded Current()
    {
        var kept = Volatile.Read(ref loaded);
        if (kept.At == Directory.GetLastWriteTimeUtc(directory))
            return kept;
        lock (gate)
            return loaded = Load();
    }

    private Loaded Load()
    {
        var at = Directory.GetLastWriteTimeUtc(directory);
        var numbers = Numbers();
        var keys = numbers.OrderByDescending(static number => number).Select(number => ReadKey(number)).ToArray();
        return keys.Length > 0 ? new(at, keys) : throw new InvalidOperationException($"There is no key in {directory}.");
    }

    private List<int> Numbers() =>
    [
        .. Directory.EnumerateFiles(directory).Select(Path.GetFileName)
            .Where(static name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(static name => int.Parse(name!, CultureInfo.InvariantCulture)),
    ];

    private FernetKey ReadKey(int number)
    {
        var path = PathOf(number.ToString(CultureInfo.InvariantCulture));
        var bytes = Base64Url.DecodeFromChars(File.ReadAllText(path).Trim().TrimEnd('='));
        return bytes.Length == KeyBytes ? new(bytes)
            : throw new InvalidOperationException($"{path} does not hold a key of {KeyBytes} bytes.");
    }

    // Two processes that make the repository at the same time agree on whose key is there first.
    private void WriteKey(string name) =>
        SecretFile.Create(PathOf(name), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes)) + "=");

    private string PathOf(string name) => Path.Combine(directory, name);

    private sealed record Loaded(DateTime At, IReadOnlyList<FernetKey> Keys);
}
