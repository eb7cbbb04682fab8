using System.Text;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Credentials;

/// <summary>Seals secrets that must be had again, and opens them: with the keys of a repository beside that of the tokens, rotated the same
/// way. Grains and the database see sealed ones alone.</summary>
internal sealed class CredentialVault
{
    /// <summary>More than the largest body that a blob comes in takes when it is sealed.</summary>
    private const int LongestSecret = 400_000;

    private readonly FernetKeys keys;
    private readonly TimeProvider time;

    public CredentialVault(IOptions<IdentityOptions> options, TimeProvider time)
        : this(new FernetKeys(options.Value.PathOf(options.Value.CredentialKeys), options.Value.MaxActiveKeys), time)
    {
    }

    internal CredentialVault(FernetKeys keys, TimeProvider time) => (this.keys, this.time) = (keys, time);

    /// <summary>Names the key that seals now.</summary>
    internal string PrimaryHash => keys.Primary.Hash;

    internal SealedSecret Seal(string secret)
    {
        var key = keys.Primary;
        return new(key.Seal(Encoding.UTF8.GetBytes(secret), time.GetUtcNow()), key.Hash);
    }

    /// <summary>The secret. A key that is gone is the operator's to bring back: nobody else can read it.</summary>
    internal string Open(SealedSecret secret) => keys.Open(secret.Text, LongestSecret) is { } content
        ? Encoding.UTF8.GetString(content)
        : throw new InvalidOperationException("A credential could not be decrypted: its key is not in the repository.");
}
