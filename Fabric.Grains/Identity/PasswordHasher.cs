using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>
/// PBKDF2 with HMAC-SHA512, in passlib's modular form <c>$pbkdf2-sha512$rounds$salt$digest</c>, which Keystone reads too. A hash takes a
/// good part of a second of one core, so only a few run at once and a bounded number waits: a flood of logins must not starve the
/// requests of those who are logged in already.
/// </summary>
public sealed class PasswordHasher(IOptions<IdentityOptions> options, TimeProvider time)
{
    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int DigestBytes = 64;
    private const int LongestQueue = 256;

    /// <summary>Keystone's <c>max_password_length</c>; a longer one only costs us.</summary>
    public const int LongestPassword = 4096;

    private readonly SemaphoreSlim slots = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly VerifiedPasswords verified = new(options.Value.PasswordMemory, time);
    private int waiting;

    /// <summary>Hashes a new password.</summary>
    public Task<PasswordHash> Hash(string password, CancellationToken ct)
    {
        if (password.Length > LongestPassword)
        {
            throw Kernel.Fault.BadRequest(
                "PasswordVerificationError", $"The password length must be less than or equal to {LongestPassword}. "
                + "The server could not comply with the request because the password is invalid.");
        }

        var rounds = options.Value.PasswordRounds;
        return Run(() =>
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            return new PasswordHash(string.Create(CultureInfo.InvariantCulture,
                $"${Scheme}${rounds}${Encode(salt)}${Encode(Derive(password, salt, rounds))}"));
        }, ct);
    }

    /// <summary>Whether the password is the one hashed. Without a hash (no such user, or one without a password) it takes as long, and
    /// says no: the time of an answer tells nobody which users exist.</summary>
    public async Task<bool> Verify(PasswordHash? hash, string password, CancellationToken ct)
    {
        if (password.Length > LongestPassword)
            return false;
        if (hash is { } asked && verified.Contains(asked, password))
            return true;
        var right = await Matches(hash, password, ct);
        if (right)
            verified.Add(hash!.Value, password);
        return right;
    }

    /// <summary>The same, remembering nothing: for a password that is not being used.</summary>
    public async Task<bool> Matches(PasswordHash? hash, string password, CancellationToken ct)
    {
        var parts = hash?.Text.Split('$');
        var known = parts is { Length: 5 } && parts[1] == Scheme;
        var rounds = known ? int.Parse(parts![2], CultureInfo.InvariantCulture) : options.Value.PasswordRounds;
        var salt = known ? Decode(parts![3]) : new byte[SaltBytes];
        var digest = known ? Decode(parts![4]) : new byte[DigestBytes];
        return await Run(() => CryptographicOperations.FixedTimeEquals(Derive(password, salt, rounds), digest) && known, ct);
    }

    private async Task<T> Run<T>(Func<T> work, CancellationToken ct)
    {
        if (Interlocked.Increment(ref waiting) > LongestQueue)
        {
            Interlocked.Decrement(ref waiting);
            throw Kernel.Fault.Unavailable("Too many logins at once. Try again later.");
        }

        try
        {
            await slots.WaitAsync(ct);
            try
            {
                return await Task.Run(work, CancellationToken.None);
            }
            finally
            {
                slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, DigestBytes);

    // passlib's "adapted base64": a dot for the plus, and no padding.
    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '.');

    private static byte[] Decode(string text) =>
        Convert.FromBase64String(text.Replace('.', '+').PadRight((text.Length + 3) / 4 * 4, '='));
}
