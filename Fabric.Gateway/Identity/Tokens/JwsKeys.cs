using System.Globalization;
using System.Security.Cryptography;
using Fabric.Grains.Identity;
using Fabric.Hosting;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>
/// The keys of JWS tokens, as Keystone keeps them: <c>private.pem</c> in one directory signs; every key in the other checks. Rotation puts
/// the new public key there before the private one is used, and leaves the last ones, so no token is lost. Made at first use.
/// </summary>
internal sealed class JwsKeys
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string privateFile;
    private readonly string publicDirectory;
    private readonly int maxActive;
    private readonly Lock gate = new();
    private Loaded? loaded;

    public JwsKeys(IOptions<IdentityOptions> options)
        : this(options.Value.PathOf(options.Value.JwsPrivateKeys), options.Value.PathOf(options.Value.JwsPublicKeys),
            options.Value.MaxActiveKeys)
    {
    }

    internal JwsKeys(string privateDirectory, string publicDirectory, int maxActive)
    {
        (privateFile, this.publicDirectory, this.maxActive) = (
            Path.Combine(privateDirectory, "private.pem"), publicDirectory, maxActive);
    }

    /// <summary>Signs.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> content)
    {
        lock (gate)
            return Current(make: true)!.Private!.SignData(content, HashAlgorithmName.SHA256);
    }

    /// <summary>Whether one of the keys signed it.</summary>
    internal bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        lock (gate)
        {
            foreach (var key in Current(make: false)?.Public ?? [])
            {
                if (key.VerifyData(content, signature, HashAlgorithmName.SHA256))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Makes a new pair of keys the one that signs; the oldest public key goes when there are more than enough.</summary>
    internal void Rotate()
    {
        lock (gate)
        {
            Make(replace: true);
            foreach (var old in Numbers().OrderDescending().Skip(maxActive))
                File.Delete(PublicFile(old));
            loaded = null;
        }
    }

    private Loaded? Current(bool make)
    {
        if (!File.Exists(privateFile) && make)
            Make(replace: false);
        if (!Directory.Exists(publicDirectory))
            return null;
        var at = (Directory.GetLastWriteTimeUtc(publicDirectory),
            File.Exists(privateFile) ? File.GetLastWriteTimeUtc(privateFile) : DateTime.MinValue);
        return loaded is { } kept && kept.At == at ? kept : loaded = Load(at);
    }

    private Loaded Load((DateTime, DateTime) at)
    {
        var signs = File.Exists(privateFile) ? Read(privateFile) : null;
        return new(at, signs, [.. Directory.EnumerateFiles(publicDirectory, "*.pem").Order(StringComparer.Ordinal).Select(Read)]);
    }

    private static ECDsa Read(string path)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        return key;
    }

    // The public key is there first: no process ever sees a token whose key it cannot find. Of several processes that make the first pair
    // at the same time one names its file; the public keys of the others check nothing.
    private void Make(bool replace)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(privateFile)!, OwnerOnly);
        Directory.CreateDirectory(publicDirectory, OwnerOnly);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (var number = Numbers().DefaultIfEmpty(0).Max() + 1; ; number++)
        {
            var text = pair.ExportSubjectPublicKeyInfoPem();
            SecretFile.Create(PublicFile(number), text);
            if (File.ReadAllText(PublicFile(number)) == text)
                break;
        }

        if (!replace)
        {
            SecretFile.Create(privateFile, pair.ExportPkcs8PrivateKeyPem());
            return;
        }

        var staged = $"{privateFile}.{Guid.NewGuid():N}.new";
        SecretFile.Create(staged, pair.ExportPkcs8PrivateKeyPem());
        File.Move(staged, privateFile, overwrite: true);
    }

    private IReadOnlyList<int> Numbers() =>
    [
        .. Directory.EnumerateFiles(publicDirectory, "*.pem").Select(Path.GetFileNameWithoutExtension)
            .Where(static name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(static name => int.Parse(name!, CultureInfo.InvariantCulture)),
    ];

    private string PublicFile(int number) =>
        Path.Combine(publicDirectory, string.Create(CultureInfo.InvariantCulture, $"{number}.pem"));

    private sealed record Loaded((DateTime, DateTime) At, ECDsa? Private, IReadOnlyList<ECDsa> Public);
}
