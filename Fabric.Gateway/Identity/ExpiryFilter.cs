using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>password_expires_at=lt:2016-11-06T15:32:17Z</c> in lists of users (source: <c>_translate_expired_password_hints</c> in
/// <c>keystone/identity/core.py</c>). A password that never expires matches nothing.</summary>
internal static class ExpiryFilter
{
    /// <summary>What the query asks for; null when nothing.</summary>
    internal static Func<UserState, bool>? Read(Call call)
    {
        var tests = call.QueryAll("password_expires_at").OfType<string>().Select(Parse).ToArray();
        return tests.Length == 0
            ? null
            : user => user.PasswordExpiresAt is { } at && tests.All(test => test(at));
    }

    // The operator stands before the first colon, if that comes early enough to be none of the time's.
    private static Func<DateTimeOffset, bool> Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, rest) = colon is 2 or 3 ? (text[..colon], text[(colon + 1)..]) : ("eq", text);
        if (!DateTimeOffset.TryParse(rest, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            throw Fault.BadRequest("ValidationTimeStampError", "Timestamp not in expected format. The server could not comply with the "
                + "request since it is either malformed or otherwise incorrect. The client is assumed to be in error.");
        }

        return name switch
        {
            "eq" => at => at == time,
            "neq" => at => at != time,
            "lt" => at => at < time,
            "lte" => at => at <= time,
            "gt" => at => at > time,
            "gte" => at => at >= time,
            _ => throw Fault.BadRequest("InvalidOperatorError", $"The given operator {name} is not valid. It must be one of the following: "
                + "'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'."),
        };
    }
}
