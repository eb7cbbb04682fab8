using System.Text.Json;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Which methods a user must prove itself by, all of one of the lists (Keystone's user options
/// <c>multi_factor_auth_rules</c> and <c>multi_factor_auth_enabled</c>).</summary>
internal static class MfaRules
{
    private const string RulesOption = "multi_factor_auth_rules";
    private const string EnabledOption = "multi_factor_auth_enabled";

    /// <summary>The rules, without methods that are not offered: no operator can lock users out by mistake. Empty for a user without
    /// any.</summary>
    internal static IReadOnlyList<IReadOnlyList<string>> Of(UserState user, IReadOnlySet<string> offered)
    {
        if (user.Options is null)
            return [];
        using var document = JsonDocument.Parse(user.Options);
        var options = document.RootElement;
        if (!options.TryGetProperty(RulesOption, out var rules) || rules.ValueKind != JsonValueKind.Array
            || (options.TryGetProperty(EnabledOption, out var enabled) && enabled.ValueKind == JsonValueKind.False))
            return [];
        return [.. rules.EnumerateArray().Select(rule => (IReadOnlyList<string>)[.. Methods(rule).Where(offered.Contains)])];
    }

    /// <summary>What the schema of a body's options cannot say: no method stands twice in a rule, and no rule twice.</summary>
    internal static void Require(JsonElement options)
    {
        if (!options.TryGetProperty(RulesOption, out var rules) || rules.ValueKind != JsonValueKind.Array)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules.EnumerateArray())
        {
            var methods = Methods(rule).ToList();
            if (methods.Distinct(StringComparer.Ordinal).Count() < methods.Count)
                throw Bad("a rule must not name a method twice");
            if (!seen.Add(string.Join('\n', methods)))
                throw Bad("no rule may stand there twice");
        }
    }

    private static IEnumerable<string> Methods(JsonElement rule) => rule.EnumerateArray().Select(static method => method.GetString()!);

    private static Fault Bad(string why) => Fault.BadRequest("ValidationError", $"Invalid data for option '{RulesOption}': {why}.");
}
