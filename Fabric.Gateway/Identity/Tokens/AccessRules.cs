using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>What a token of an application credential with access rules may ask (source: <c>validate_allowed_request</c> and
/// <c>_path_matches</c> in <c>keystonemiddleware/auth_token</c>).</summary>
internal static class AccessRules
{
    /// <summary>Rules are few and asked for often; a flood of different ones may make their patterns anew.</summary>
    private const int MostPatterns = 2_000;

    private static readonly ConcurrentDictionary<string, Regex> Patterns = new(StringComparer.Ordinal);

    /// <summary>Whether one of the rules allows the request; no rules at all allow every one.</summary>
    internal static bool Allow(IReadOnlyList<AccessRule>? rules, AskedRequest asked)
    {
        if (rules is null)
            return true;
        if (asked is { ServiceType: "identity", Method: "GET" } && asked.Path.EndsWith("/v3/auth/tokens", StringComparison.Ordinal))
            return true;
        foreach (var rule in rules)
        {
            if (rule.Service != asked.ServiceType || rule.Method != asked.Method)
                continue;
            // A service that has a path of its own below the cloud's address names its paths from there.
            if (Matches(asked.Path, rule.Path) || Matches(asked.PathInService, rule.Path))
                return true;
        }

        return false;
    }

    /// <summary>Whether a path fits a pattern: <c>{name}</c> and <c>*</c> stand for one segment, <c>**</c> for anything.</summary>
    internal static bool Matches(string path, string pattern)
    {
        if (!Patterns.TryGetValue(pattern, out var regex))
        {
            if (Patterns.Count >= MostPatterns)
                Patterns.Clear();
            Patterns[pattern] = regex = Translate(pattern);
        }

        return regex.IsMatch(path);
    }

    private static Regex Translate(string pattern)
    {
        var text = new StringBuilder("^");
        for (var at = 0; at < pattern.Length; at++)
        {
            var close = pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
            if (close > 0)
            {
                text.Append("[^/]+");
                at = close;
            }
            else if (pattern[at] == '*' && at + 1 < pattern.Length && pattern[at + 1] == '*')
            {
                text.Append(".*");
                at++;
            }
            else
            {
                text.Append(pattern[at] == '*' ? "[^/]+" : Regex.Escape(pattern[at].ToString()));
            }
        }

        // Without backtracking no pattern of a user's takes longer than the path is long.
        return new(text.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
