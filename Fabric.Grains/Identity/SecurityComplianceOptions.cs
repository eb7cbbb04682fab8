namespace Fabric.Grains.Identity;

/// <summary>What passwords must be like, and what wrong ones lead to; configuration section <c>Identity:SecurityCompliance</c>. All of
/// it is off by default, as in OpenStack (source: <c>keystone/conf/security_compliance.py</c>).</summary>
public sealed class SecurityComplianceOptions
{
    /// <summary>So many wrong passwords lock a user out. Default: never.</summary>
    public int? LockoutFailureAttempts { get; set; }

    /// <summary>For how long since the last wrong one; zero until the user is enabled again. Default: half an hour.</summary>
    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many days a new password is good. Default: for ever.</summary>
    public int? PasswordExpiresDays { get; set; }

    /// <summary>What a new password must match from its beginning. Default: anything.</summary>
    public string? PasswordRegex { get; set; }

    /// <summary>The same in words, for who is refused.</summary>
    public string? PasswordRegexDescription { get; set; }

    /// <summary>How many passwords in a row must differ, the new one included in none of the last so many. Default: 0, no matter.</summary>
    public int UniqueLastPasswordCount { get; set; }

    /// <summary>For how many days a user keeps the password it chose. Default: 0.</summary>
    public int MinimumPasswordAge { get; set; }

    /// <summary>Whether a password that an administrator sets must be changed first. Default: no.</summary>
    public bool ChangePasswordUponFirstUse { get; set; }

    /// <summary>So many days without a login disable a user. Default: never.</summary>
    public int? DisableUserAccountDaysInactive { get; set; }

    /// <summary>Whether logins leave a trace at all.</summary>
    internal bool WatchesLogins => LockoutFailureAttempts is not null || DisableUserAccountDaysInactive is not null;
}
