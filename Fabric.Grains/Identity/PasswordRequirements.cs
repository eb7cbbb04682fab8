using System.Text.RegularExpressions;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>What a new password must be like (source: <c>validate_password</c> in
/// <c>keystone/common/validation/validators.py</c>).</summary>
public sealed partial class PasswordRequirements(
    IOptions<IdentityOptions> options, PasswordHasher hasher, TimeProvider time, ILogger<PasswordRequirements> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lazy<Regex?> pattern = new(() => Compile(options.Value.SecurityCompliance.PasswordRegex, logger));

    private SecurityComplianceOptions Rules => options.Value.SecurityCompliance;

    /// <summary>Throws when the password is not what is asked for; null is the lack of one.</summary>
    public void Require(string? password)
    {
        if (Rules.PasswordRegex is not { Length: > 0 })
            return;
        if (password is null)
            throw Invalid("Password must be a string type");
        try
        {
            if (pattern.Value is not { } asked)
                throw Invalid("Unable to validate password due to invalid configuration");
            if (!asked.IsMatch(password))
            {
                throw Fault.BadRequest("PasswordRequirementsValidationError",
                    $"The password does not match the requirements: {Rules.PasswordRegexDescription ?? "None"}.");
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            PatternUnusable(logger, error, Rules.PasswordRegex);
            throw Invalid("Unable to validate password due to invalid configuration");
        }
    }

    /// <summary>Throws when the user may not change its password to this one now.</summary>
    /// <param name="user">The user.</param>
    /// <param name="password">The new password.</param>
    /// <param name="ct">The client has gone.</param>
    /// <param name="from">Where the client is.</param>
    public async Task RequireChange(UserState user, string password, CancellationToken ct, string from = "")
    {
        Require(password);
        user.RequireChangeable(Rules, time.GetUtcNow());
        foreach (var last in Rules.UniqueLastPasswordCount > 0 ? user.LastPasswords(Rules) : [])
        {
            if (await hasher.Matches(last, password, ct, from))
            {
                throw Fault.BadRequest("PasswordHistoryValidationError", "The new password cannot be identical to a previous password. The "
                    + $"total number which includes the new password must be unique is {Rules.UniqueLastPasswordCount}.");
            }
        }
    }

    private static Fault Invalid(string detail) =>
        Fault.BadRequest("PasswordValidationError", $"Password validation error: {detail}.");

    // As Python's re.match: from the beginning, and not necessarily to the end.
    private static Regex? Compile(string? text, ILogger logger)
    {
        try
        {
            return text is null ? null : new(@"\A(?:" + text + ")", RegexOptions.CultureInvariant, Patience);
        }
        catch (ArgumentException error)
        {
            PatternUnusable(logger, error, text!);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The pattern of passwords cannot be used: {Pattern}")]
    private static partial void PatternUnusable(ILogger logger, Exception error, string pattern);
}
