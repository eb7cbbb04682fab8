using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>
/// PBKDF2 with HMAC-SHA512, in passlib's modular form <c>$pbkdf2-sha512$rounds$salt$digest</c>, which Keystone reads too. A hash takes a
/// good part of a second of one core, so only a few run at once and a bounded number waits (<see cref="HashQueue"/>): a flood of logins
/// must not starve the requests of those who are logged in already.
/// </summary>
public sealed partial class PasswordHasher(
    IOptions<IdentityOptions> options, TimeProvider time, ILogger<PasswordHasher>? logger = null)
{
    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int DigestBytes = 64;

    /// <summary>The most that wait.</summary>
    internal const int LongestQueue = 256;

    /// <summary>How many run at once: the other cores are for requests.</summary>
    internal static readonly int Workers = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly VerifiedPasswords verified = new(options.Value.PasswordMemory, time);

    /// <summary>Where hashes wait for their turn.</summary>
    internal HashQueue Queue { get; } = new(Workers, LongestQueue);

    /// <summary>Hashes a new password.</summary>
    /// <param name="password">The password.</param>
    /// <param name="ct">The client has gone.</param>
    /// <param name="from">Where the client is: hashes for all places get their turn, however many one of them asks for.</param>
    public Task<PasswordHash> Hash(string password, CancellationToken ct, string from = "")
    {
        var counted = Counted(password);
        var rounds = options.Value.PasswordRounds;
        return Run(from, () =>
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            return new PasswordHash(string.Create(CultureInfo.InvariantCulture,
                $"${Scheme}${rounds}${Encode(salt)}${Encode(Derive(counted, salt, rounds))}"));
        }, ct);
    }

    /// <summary>Whether the password is the one hashed. Without a hash (no such user, or one without a password) it takes as long, and
    /// says no: the time of an answer tells nobody which users exist.</summary>
    /// <param name="hash">What is stored.</param>
    /// <param name="password">What was given.</param>
    /// <param name="ct">The client has gone.</param>
    /// <param name="from">Where the client is.</param>
    public async Task<bool> Verify(PasswordHash? hash, string password, CancellationToken ct, string from = "")
    {
        foreach (var bytes in Tries(password))
        {
            if (hash is { } asked && verified.Contains(asked, bytes))
                return true;
            if (!await Matches(hash, bytes, ct, from))
                continue;
            verified.Add(hash!.Value, bytes);
            return true;
        }

        return false;
    }

    /// <summary>The same, remembering nothing: for a password that is not being used.</summary>
    /// <param name="hash">What is stored.</param>
    /// <param name="password">What was given.</param>
    /// <param name="ct">The client has gone.</param>
    /// <param name="from">Where the client is.</param>
    public async Task<bool> Matches(PasswordHash? hash, string password, CancellationToken ct, string from = "")
    {
        foreach (var bytes in Tries(password))
        {
            if (await Matches(hash, bytes, ct, from))
                return true;
        }

        return false;
    }

    private async Task<bool> Matches(PasswordHash? hash, byte[] counted, CancellationToken ct, string from)
    {
        var parts = hash?.Text.Split('$');
        var known = parts is { Length: 5 } && parts[1] == Scheme;
        var rounds = known ? int.Parse(parts![2], CultureInfo.InvariantCulture) : options.Value.PasswordRounds;
        var salt = known ? Decode(parts![3]) : new byte[SaltBytes];
        var digest = known ? Decode(parts![4]) : new byte[DigestBytes];
        return await Run(
            from, () => CryptographicOperations.FixedTimeEquals(Derive(counted, salt, rounds), digest) && known, ct);
    }

    private Task<T> Run<T>(string from, Func<T> work, CancellationToken ct) => Queue.Run(from, () => HashMetrics.Timed(work), ct);

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
