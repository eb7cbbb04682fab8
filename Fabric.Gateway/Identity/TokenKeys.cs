using Fabric.Gateway.Identity.Credentials;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary>What an operator does to the keys of identity. Processes that run see it by themselves. All take the cloud's data directory,
/// with settings at their defaults.</summary>
public static class TokenKeys
{
    /// <summary>Makes the staged key the one that signs tokens, stages a new one, drops the oldest. Done twice within a token's lifetime,
    /// it ends tokens early.</summary>
    public static void Rotate(string dataDirectory) => new FernetKeys(Settings(dataDirectory)).Rotate();

    /// <summary>Makes a new pair of keys the one that signs JWS tokens; the last public keys stay. Done more often within a token's
    /// lifetime than keys are kept, it ends tokens early.</summary>
    public static void RotateJws(string dataDirectory) => new JwsKeys(Settings(dataDirectory)).Rotate();

    /// <summary>Makes the staged key the one that seals credentials, stages a new one, drops the oldest. False, and nothing is done, as
    /// long as something is sealed with another key than the present one: a running cloud brings all under it.</summary>
    public static bool RotateCredentials(string dataDirectory)
    {
        if (!AllSealedWithPrimary(dataDirectory))
            return false;
        CredentialRepository(dataDirectory).Rotate();
        return true;
    }

    /// <summary>Waits until a running cloud has brought all credentials under the key that seals now; false when that took
    /// longer.</summary>
    public static async Task<bool> AwaitCredentials(string dataDirectory, TimeSpan patience, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; waited < patience; waited += TimeSpan.FromMilliseconds(200))
        {
            if (AllSealedWithPrimary(dataDirectory))
                return true;
            await Task.Delay(200, ct);
        }

        return AllSealedWithPrimary(dataDirectory);
    }

    private static bool AllSealedWithPrimary(string dataDirectory)
    {
        var options = Settings(dataDirectory).Value;
        var marker = Path.Combine(options.PathOf(options.CredentialKeys), CredentialReseal.MarkerFile);
        return File.Exists(marker) && File.ReadAllText(marker).Trim() == CredentialRepository(dataDirectory).Primary.Hash;
    }

    private static FernetKeys CredentialRepository(string dataDirectory)
    {
        var options = Settings(dataDirectory).Value;
        return new(options.PathOf(options.CredentialKeys), options.MaxActiveKeys);
    }

    private static IOptions<IdentityOptions> Settings(string dataDirectory) =>
        Options.Create(new IdentityOptions { DataDirectory = dataDirectory });
}
