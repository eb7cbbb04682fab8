using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>
/// PBKDF2 with HMAC-SHA512, in passlib's modular form <c>$pbkdf2-sha512$rounds$salt$digest</c>, which Keystone reads too. A hash takes a
/// good part of a second of one core, so only a few run at once and a bounded number waits: a flood of logins must not starve the
/// requests of those who are logged in already.
/// </summary>
public sealed partial class PasswordHasher(
    IOptions<IdentityOptions> options, TimeProvider time, ILogger<PasswordHasher>? logger = null)
{
    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int DigestBytes = 64;
    private const int LongestQueue = 256;

    private readonly SemaphoreSlim slots = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly VerifiedPasswords verified = new(options.Value.PasswordMemory, time);
    private int waiting;

    /// <summary>Hashes a new password.</summary>
    public Task<PasswordHash> Hash(string password, CancellationToken ct)
    {
        var counted = Counted(password);
        var rounds = options.Value.PasswordRounds;
        return Run(() =>
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            return new PasswordHash(string.Create(CultureInfo.InvariantCulture,
                $"${Scheme}${rounds}${Encode(salt)}${Encode(Derive(counted, salt, rounds))}"));
        }, ct);
    }

    /// <summary>Whether the password is the one hashed. Without a hash (no such user, or one without a password) it takes as long, and
    /// says no: the time of an answer tells nobody which users exist.</summary>
    public async Task<bool> Verify(PasswordHash? hash, string password, CancellationToken ct)
    {
        foreach (var bytes in Tries(password))
        {
            if (hash is { } asked && verified.Contains(asked, bytes))
                return true;
            if (!await Matches(hash, bytes, ct))
                continue;
            verified.Add(hash!.Value, bytes);
            return true;
        }

        return false;
    }

    /// <summary>The same, remembering nothing: for a password that is not being used.</summary>
    public async Task<bool> Matches(PasswordHash? hash, string password, CancellationToken ct)
    {
        foreach (var bytes in Tries(password))
        {
            if (await Matches(hash, bytes, ct))
                return true;
        }

        return false;
    }

    private async Task<bool> Matches(PasswordHash? hash, byte[] counted, CancellationToken ct)
    {
        var parts = hash?.Text.Split('$');
        var known = parts is { Length: 5 } && parts[1] == Scheme;
        var rounds = known ? int.Parse(parts![2], CultureInfo.InvariantCulture) : options.Value.PasswordRounds;
        var salt = known ? Decode(parts![3]) : new byte[SaltBytes];
        var digest = known ? Decode(parts![4]) : new byte[DigestBytes];
        return await Run(() => CryptographicOperations.FixedTimeEquals(Derive(counted, salt, rounds), digest) && known, ct);
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

    // As much as counts; and the whole, for a hash that was made when more did.
    private byte[][] Tries(string password)
    {
        var counted = Counted(password);
        var all = Encoding.UTF8.GetBytes(password);
        return all.Length == counted.Length ? [counted] : [counted, all];
    }

    // What is beyond the longest password that counts does not count, here as there.
    private byte[] Counted(string password)
    {
        var most = options.Value.MaxPasswordLength;
        var all = Encoding.UTF8.GetBytes(password);
        if (all.Length <= most)
            return all;
        if (logger is not null)
            LogCut(logger, most);
        return all[..most];
    }

    private static byte[] Derive(byte[] counted, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(counted, salt, rounds, HashAlgorithmName.SHA512, DigestBytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A password is cut to the {Most} bytes that count")]
    private static partial void LogCut(ILogger logger, int most);

    // passlib's "adapted base64": a dot for the plus, and no padding.
    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '.');

    private static byte[] Decode(string text) =>
        Convert.FromBase64String(text.Replace('.', '+').PadRight((text.Length + 3) / 4 * 4, '='));
}
