using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>How a user's logins went. A record apart from the user's: a wrong password must not make every token be looked up
/// anew.</summary>
[GenerateSerializer, Immutable, Alias("identity.userlogin")]
public sealed record UserLoginState : IIndexedRecord
{
    [Id(0)] public required UserId UserId { get; init; }

    /// <summary>Wrong passwords since the last right one.</summary>
    [Id(1)] public int Failures { get; init; }
    [Id(2)] public DateTimeOffset FailedAt { get; init; }

    /// <summary>The day of the last right one, or of being enabled.</summary>
    [Id(3)] public DateTimeOffset? ActiveAt { get; init; }
    [Id(4)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether so many wrong passwords lock the user out now.</summary>
    public bool IsLocked(SecurityComplianceOptions rules, DateTimeOffset now) =>
        rules.LockoutFailureAttempts is { } most && Failures >= most
        && (rules.LockoutDuration <= TimeSpan.Zero || FailedAt + rules.LockoutDuration > now);

    /// <summary>After one more wrong password. A lock that has ended counts no longer; while one holds nothing counts, so that guesses do
    /// not make it longer.</summary>
    public UserLoginState Fail(SecurityComplianceOptions rules, DateTimeOffset now)
    {
        if (IsLocked(rules, now))
            return this;
        var ended = rules.LockoutFailureAttempts is { } most && Failures >= most;
        return this with { Failures = ended ? 1 : Failures + 1, FailedAt = now };
    }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = CreatedAt };
}

/// <summary>How one user's logins go; right however many silos and gateways there are, and after a restart. Its key is the user's
/// id.</summary>
[Alias("identity.IUserLoginGrain")]
public interface IUserLoginGrain : IGrainWithStringKey
{
    /// <summary>One more wrong password. Durable when it returns.</summary>
    Task Failed();

    /// <summary>A right password: earlier failures count no longer, and the user was active today. False, and nothing is changed, when
    /// wrong passwords have locked the user out meanwhile: of many guesses at once only those before the lock count.</summary>
    /// <param name="mayBeLocked">Whether wrong passwords count for the user.</param>
    Task<bool> Succeeded(bool mayBeLocked);

    /// <summary>The user was enabled: earlier failures count no longer, and the user was active today.</summary>
    Task Forgive();

    /// <summary>Drops the record.</summary>
    Task Forget();
}
