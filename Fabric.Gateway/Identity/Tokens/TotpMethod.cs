using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Identity.Credentials;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>By a one-time password that the time makes of a secret (RFC 6238, with SHA-1, six digits and 30 seconds as Keystone's; the
/// secret is the base-32 blob of a credential of type <c>totp</c>).</summary>
internal sealed class TotpMethod(
    UserProof users, IdentityIndex index, CredentialVault vault, TimeProvider time, IOptions<IdentityOptions> options) : IAuthMethod
{
    private const int StepSeconds = 30;

    public string Name => "totp";

    public async Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt)
    {
        var named = NamedThing.User(data);
        var given = data.GetProperty("user").TryGetProperty("passcode", out var text) ? text.ToString() : "";
        var user = await users.FindUser(named, attempt.Aborted);
        var right = false;
        // Every credential and every window is looked at: the time of an answer says nothing about which was near.
        foreach (var credential in await index.CredentialsOf(user?.Id.Text ?? "", "totp", attempt.Aborted))
            right |= IsRight(vault.Open(credential.Secret), given);
        return right && user is { Enabled: true } ? new(user) : throw IdentityFaults.Unauthorized();
    }

    /// <summary>The password of a secret at a time.</summary>
    internal static string At(ReadOnlySpan<byte> secret, long unixSeconds)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, unixSeconds / StepSeconds);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & 0x7fffffff;
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>The bytes of a text in base 32, with padding or without; null when it is none.</summary>
    internal static byte[]? Decode(string text)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bytes = new List<byte>(text.Length * 5 / 8);
        var (bits, count) = (0, 0);
        foreach (var letter in text.TrimEnd('='))
        {
            var value = Letters.IndexOf(letter);
            if (value < 0)
                return null;
            (bits, count) = ((bits << 5) | value, count + 5);
            if (count < 8)
                continue;
            count -= 8;
            bytes.Add((byte)(bits >> count));
            bits &= (1 << count) - 1;
        }

        return [.. bytes];
    }

    private bool IsRight(string secret, string given)
    {
        if (Decode(secret) is not { Length: > 0 } key)
            return false;
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var right = false;
        for (var window = 0; window <= options.Value.TotpPreviousWindows; window++)
        {
            var expected = At(key, now - (window * StepSeconds));
            right |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
        }

        return right;
    }
}
