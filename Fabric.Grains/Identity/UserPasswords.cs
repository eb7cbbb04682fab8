using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>How a user's password ages (source: <c>keystone/identity/backends/sql_model.py</c>). Pure.</summary>
public static class UserPasswords
{
    /// <summary>The user with another password.</summary>
    /// <param name="user">The user, with the options it has from now on.</param>
    /// <param name="password">The new password.</param>
    /// <param name="bySelf">Whether the user chose it.</param>
    /// <param name="rules">What holds here.</param>
    /// <param name="now">The time.</param>
    internal static UserState WithPassword(
        this UserState user, PasswordHash password, bool bySelf, SecurityComplianceOptions rules, DateTimeOffset now)
    {
        var kept = rules.UniqueLastPasswordCount;
        var mustChange = !bySelf && rules.ChangePasswordUponFirstUse
            && !ResourceOptions.IsSet(user.Options, ResourceOptions.IgnoreFirstUse);
        return user with
        {
            Password = password,
            PasswordCreatedAt = now,
            PasswordExpiresAt = mustChange ? now : Expiry(user, rules, now),
            PasswordBySelf = bySelf,
            PasswordHistory = user.Password is { } old && kept > 0 ? [.. user.PasswordHistory.Append(old).TakeLast(kept)] : [],
        };
    }

    /// <summary>Whether the password must be changed before it is good for anything else.</summary>
    public static bool PasswordIsExpired(this UserState user, DateTimeOffset now) =>
        user.PasswordExpiresAt <= now && !ResourceOptions.IsSet(user.Options, ResourceOptions.IgnoreExpiry);

    /// <summary>The passwords that a new one must differ from.</summary>
    public static IReadOnlyList<PasswordHash> LastPasswords(this UserState user, SecurityComplianceOptions rules) =>
        user.Password is { } now ? [.. user.PasswordHistory.Append(now).TakeLast(rules.UniqueLastPasswordCount)] : [];

    /// <summary>Throws when the user may not change its password now.</summary>
    public static void RequireChangeable(this UserState user, SecurityComplianceOptions rules, DateTimeOffset now)
    {
        if (ResourceOptions.IsSet(user.Options, ResourceOptions.LockPassword))
        {
            throw Fault.BadRequest("PasswordSelfServiceDisabled", "You cannot change your password at this time due to password policy "
                + "disallowing password changes. Please contact your administrator to reset your password.");
        }

        var from = user.PasswordCreatedAt.AddDays(rules.MinimumPasswordAge);
        if (user.PasswordBySelf && now < from)
        {
            throw Fault.BadRequest("PasswordAgeValidationError", "You cannot change your password at this time due to the minimum "
                + $"password age. Once you change your password, it must be used for {rules.MinimumPasswordAge} day(s) before it can be "
                + $"changed. Please try again in {(int)Math.Floor((from - now).TotalDays)} day(s) or contact your administrator to reset "
                + "your password.");
        }
    }

    // To the second, as Keystone keeps it.
    private static DateTimeOffset? Expiry(UserState user, SecurityComplianceOptions rules, DateTimeOffset now)
    {
        if (rules.PasswordExpiresDays is not { } days || ResourceOptions.IsSet(user.Options, ResourceOptions.IgnoreExpiry))
            return null;
        var at = now.AddDays(days);
        return at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));
    }
}
