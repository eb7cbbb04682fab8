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
    internal static IReadOnlyList<IReadOnlyList<string>> Of(UserState user, IReadOnlySet<string> offered) =>
        user.MfaRules is { Count: > 0 } rules && user.MfaEnabled != false
            ? [.. rules.Select(rule => (IReadOnlyList<string>)[.. rule.Split('\n').Where(offered.Contains)])]
            : [];

    /// <summary>The rules of a body's options, as the record keeps them; null when it has none.</summary>
    internal static IReadOnlyList<string>? Read(JsonElement options)
    {
        if (!options.TryGetProperty(RulesOption, out var rules))
            return null;
        if (rules.ValueKind == JsonValueKind.Null)
            return [];
        var lists = rules.ValueKind == JsonValueKind.Array ? rules.EnumerateArray().ToArray() : throw Bad("must be a list of lists");
        var read = new List<string>();
        foreach (var list in lists)
        {
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
                throw Bad("each rule must be a list that is not empty");
            string[] methods = [.. list.EnumerateArray().Select(static one =>
                one.ValueKind == JsonValueKind.String ? one.GetString()! : throw Bad("each rule must be a list of strings"))];
            if (methods.Distinct(StringComparer.Ordinal).Count() < methods.Length)
                throw Bad("a rule must not name a method twice");
            read.Add(string.Join('\n', methods));
        }

        return read.Distinct(StringComparer.Ordinal).Count() == read.Count ? read : throw Bad("no rule may stand there twice");
    }

    /// <summary>Whether the body's options switch the rules on or off; null when they say nothing.</summary>
    internal static bool? ReadEnabled(JsonElement options) => !options.TryGetProperty(EnabledOption, out var enabled) ? null
        : enabled.ValueKind is JsonValueKind.True or JsonValueKind.False ? enabled.GetBoolean()
        : enabled.ValueKind == JsonValueKind.Null ? true
        : throw Fault.BadRequest("ValidationError", $"Invalid data for option '{EnabledOption}': it must be a boolean.");

    /// <summary>The options as a user's body shows them.</summary>
    internal static Dictionary<string, object?> Show(UserState user)
    {
        var shown = new Dictionary<string, object?>();
        if (user.MfaRules is { Count: > 0 } rules)
            shown[RulesOption] = rules.Select(static rule => rule.Split('\n')).ToArray();
        if (user.MfaEnabled is { } enabled)
            shown[EnabledOption] = enabled;
        return shown;
    }

    private static Fault Bad(string why) => Fault.BadRequest("ValidationError", $"Invalid data for option '{RulesOption}': {why}.");
}
