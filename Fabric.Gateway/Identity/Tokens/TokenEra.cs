using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>
/// How new what this gateway knows of tokens must be: the versions of the records they stand on, and of the log of revocations.
/// Where the database is in the process the versions are exact and cost nothing. Where it is a server they are read at most every
/// <see cref="Oldest"/>, for all validations together, and never used when older: so whatever ends a token anywhere ends it here within
/// that time, also when nothing of the change has reached this process by any other way.
/// </summary>
internal sealed class TokenEra(IdentityIndex index, TimeProvider time)
{
    /// <summary>The oldest answer used. A revoked token must be refused within a second; a read of the database takes some of it.</summary>
    internal static readonly TimeSpan Oldest = TimeSpan.FromMilliseconds(300);

    private volatile Seen? seen;
    private int forgotten;

    /// <summary>The versions now, or not long ago.</summary>
    internal ValueTask<Seen> Now(CancellationToken ct)
    {
        if (index.Records.VersionsAreAtHand)
            return ReadAndKeep(ct);
        return seen is { } kept && kept.Forgotten == Volatile.Read(ref forgotten) && time.GetElapsedTime(kept.At) < Oldest
            ? new(kept)
            : ReadAndKeep(ct);
    }

    /// <summary>Something was written through this gateway: its client's next request reads what it wrote.</summary>
    internal void Forget() => Interlocked.Increment(ref forgotten);

    // Those who come at the same time all read: the database's versions join their questions into one.
    // The time is taken before the read: an answer is as old as its question.
    private async ValueTask<Seen> ReadAndKeep(CancellationToken ct)
    {
        var (at, since) = (time.GetTimestamp(), Volatile.Read(ref forgotten));
        var recordsRead = index.Version(IdentityKinds.Tokens, ct);
        var revocationsRead = index.Version(IdentityKinds.Revocations, ct);
        var (records, revocations) = (await recordsRead, await revocationsRead);
        // Where it is asked for each time nothing new is made as long as nothing changes.
        if (index.Records.VersionsAreAtHand && seen is { } kept && kept.Records == records && kept.Revocations == revocations)
            return kept;
        return seen = new(records, revocations, at, since);
    }

    /// <summary>What was seen.</summary>
    /// <param name="Records">Version of the records that tokens stand on.</param>
    /// <param name="Revocations">Version of the log of revocations.</param>
    /// <param name="At">When it was asked for.</param>
    /// <param name="Forgotten">How often this gateway had written before.</param>
    internal sealed record Seen(long Records, long Revocations, long At, int Forgotten);
}
