using Fabric.Grains.Kernel;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>Who is locked out by wrong passwords, and who has been away for too long. Reads records alone, and none when nothing of the
/// kind is asked for.</summary>
public sealed class UserActivity(IdentityIndex index, IOptions<IdentityOptions> options, TimeProvider time)
{
    private SecurityComplianceOptions Rules => options.Value.SecurityCompliance;

    /// <summary>Whether logins leave a trace at all.</summary>
    public bool IsWatching => Rules.WatchesLogins;

    /// <summary>How the user's logins went; null when nobody asks, or nothing is known.</summary>
    public Task<UserLoginState?> Find(UserId user, CancellationToken ct) => Rules.WatchesLogins
        ? index.Records.Find<UserLoginState>(IdentityKinds.UserLogin, user.Text, ct)
        : Task.FromResult<UserLoginState?>(null);

    /// <summary>Whether wrong passwords lock the user out now.</summary>
    public bool IsLocked(UserState user, UserLoginState? login) => login is not null && CountsFailures(user)
        && login.IsLocked(Rules, time.GetUtcNow());

    /// <summary>Whether wrong passwords count for the user.</summary>
    public bool CountsFailures(UserState user) =>
        Rules.LockoutFailureAttempts is not null && !ResourceOptions.IsSet(user.Options, ResourceOptions.IgnoreLockout);

    /// <summary>Whether the user is enabled, and has not been away for too long.</summary>
    public bool IsEnabled(UserState user, UserLoginState? login)
    {
        if (!user.Enabled || Rules.DisableUserAccountDaysInactive is not { } most
            || ResourceOptions.IsSet(user.Options, ResourceOptions.IgnoreInactivity))
            return user.Enabled;
        var last = login?.ActiveAt ?? user.CreatedAt;
        return (time.GetUtcNow().UtcDateTime.Date - last.UtcDateTime.Date).Days < most;
    }

    /// <summary>The users as they are to be seen: who has been away for too long is disabled.</summary>
    public async Task<IReadOnlyList<UserState>> Seen(IReadOnlyList<UserState> users, CancellationToken ct)
    {
        if (Rules.DisableUserAccountDaysInactive is null || users.Count == 0)
            return users;
        var logins = (await index.ByIds<UserLoginState>(IdentityKinds.UserLogin, users.Select(static user => user.Id.Text), ct))
            .ToDictionary(static login => login.UserId);
        return [.. users.Select(user => IsEnabled(user, logins.GetValueOrDefault(user.Id)) ? user : user with { Enabled = false })];
    }

    /// <summary>The same for one.</summary>
    public async Task<UserState> Seen(UserState user, CancellationToken ct) => (await Seen([user], ct))[0];
}
