using System.Collections.Frozen;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>The log of revocations as this gateway knows it: read when its version has grown, what is new alone, and asked in memory by
/// every validation.</summary>
internal sealed class RevocationLog(IdentityIndex index, TimeProvider time) : IDisposable
{
    /// <summary>Events become visible in another order than that of their times, and processes' clocks differ.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim turn = new(1);
    private volatile Known known = new(long.MinValue, DateTimeOffset.MinValue, FrozenDictionary<string, RevokedTokenState>.Empty);

    /// <summary>Whether an event voids the token.</summary>
    internal async ValueTask<bool> Voids(ResolvedToken token, long version, CancellationToken ct)
    {
        var current = known.Version >= version ? known : await Follow(version, ct);
        if (current.Events.Count == 0)
            return false;
        foreach (var key in token.RevocationKeys)
        {
            // One token is void whenever it was issued: the clocks of two processes differ.
            if (current.Events.TryGetValue(key, out var revoked)
                && (revoked.What.AuditId is not null || token.Payload.IssuedAt <= revoked.RevokedAt))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async ValueTask<Known> Follow(long version, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            if (known.Version >= version)
                return known;
            var now = time.GetUtcNow();
            var since = known.ReadAt == DateTimeOffset.MinValue ? (DateTimeOffset?)null : known.ReadAt - Overlap;
            var fresh = await index.Records.List<RevokedTokenState>(
                new(IdentityKinds.RevokedToken) { ChangedSince = since, Descending = false }, ct);
            var events = known.Events.Where(one => one.Value.ExpiresAt >= now).ToDictionary(StringComparer.Ordinal);
            foreach (var one in fresh)
                events[one.What.Key] = one;
            known = new(version, now, events.ToFrozenDictionary(StringComparer.Ordinal));
            return known;
        }
        finally
        {
            turn.Release();
        }
    }

    private sealed record Known(long Version, DateTimeOffset ReadAt, FrozenDictionary<string, RevokedTokenState> Events);
}
