using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Fabric.Grains.Identity;

/// <summary>
/// Remembers for a short while which passwords were right, so that a client that logs in for each command does not pay for the slow hash
/// each time. What is kept is a keyed digest over the stored hash and the password: the key is made at the start and never leaves the
/// process, so what is kept is worth nothing elsewhere, and a changed password is another digest. Wrong passwords are never remembered:
/// guessing costs what it did.
/// </summary>
internal sealed class VerifiedPasswords(TimeSpan lifetime, TimeProvider time)
{
    /// <summary>Enough for every user who is at work; beyond it, logins are slow rather than memory large.</summary>
    private const int Most = 10_000;

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, long> seen = new(StringComparer.Ordinal);

    /// <summary>Whether this password was found right for this hash not long ago.</summary>
    internal bool Contains(PasswordHash hash, byte[] password) =>
        lifetime > TimeSpan.Zero && seen.TryGetValue(Digest(hash, password), out var since) && time.GetElapsedTime(since) < lifetime;

    /// <summary>The password was found right.</summary>
    internal void Add(PasswordHash hash, byte[] password)
    {
        if (lifetime <= TimeSpan.Zero)
            return;
        if (seen.Count >= Most)
        {
            foreach (var old in seen.Where(entry => time.GetElapsedTime(entry.Value) >= lifetime))
                seen.TryRemove(old);
        }

        if (seen.Count < Most)
            seen[Digest(hash, password)] = time.GetTimestamp();
    }

    // The stored hash has a fixed alphabet without a line feed, so the two parts cannot be read in another way.
    private string Digest(PasswordHash hash, byte[] password)
    {
        byte[] both = [.. Encoding.UTF8.GetBytes(hash.Text + "\n"), .. password];
        return Convert.ToBase64String(HMACSHA256.HashData(key, both));
    }
}
