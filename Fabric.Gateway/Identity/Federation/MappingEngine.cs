using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Makes a user of what an identity provider says, by the rules of a mapping (source: class <c>RuleProcessor</c> in
/// <c>keystone/federation/utils.py</c>). Each rule whose remote part fits the assertion adds its local part, with <c>{0}</c>, <c>{1}</c>
/// and so on replaced by the values that the remote part let through.</summary>
internal static class MappingEngine
{
    /// <summary>A pattern that takes longer than this on one value is taken for an attack.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>The identity. Throws <see cref="MappingRefusedException"/> when there is none.</summary>
    /// <param name="rules">The rules, which fit <see cref="MappingSchema"/>.</param>
    /// <param name="assertion">What is said; several values of one attribute are joined by semicolons.</param>
    internal static MappedIdentity Process(JsonElement rules, IReadOnlyDictionary<string, string> assertion)
    {
        var locals = new List<JsonObject>();
        foreach (var rule in rules.EnumerateArray())
        {
            if (Match(rule.GetProperty("remote"), assertion) is not { } values)
                continue;
            foreach (var local in rule.GetProperty("local").EnumerateArray())
                locals.Add(Fill(JsonObject.Create(local)!, values));
        }

        return MappingOutcome.Of(locals);
    }

    /// <summary>A member that is a text.</summary>
    internal static string? Text(JsonObject node, string name) =>
        node.TryGetPropertyValue(name, out var value) && value is JsonValue text && text.TryGetValue(out string? found) ? found : null;

    // What the placeholders stand for, in the order of the conditions that let values through; null when the rule does not apply.
    private static IReadOnlyList<IReadOnlyList<string>>? Match(JsonElement conditions, IReadOnlyDictionary<string, string> assertion)
    {
        var maps = new List<IReadOnlyList<string>>();
        foreach (var condition in conditions.EnumerateArray())
        {
            if (!assertion.TryGetValue(condition.GetProperty("type").GetString()!, out var said))
                return null;
            var values = said.Split(';');
            if (condition.TryGetProperty("any_one_of", out var any))
            {
                if (!values.Any(Fits(condition, any)))
                    return null;
            }
            else if (condition.TryGetProperty("not_any_of", out var none))
            {
                if (values.Any(Fits(condition, none)))
                    return null;
            }
            else if (condition.TryGetProperty("blacklist", out var black))
            {
                var listed = Fits(condition, black);
                maps.Add([.. values.Where(value => !listed(value)).Distinct()]);
            }
            else
            {
                maps.Add(condition.TryGetProperty("whitelist", out var white) ? Listed(condition, white, values) : values);
            }
        }

        return maps;
    }

    // A value that stands twice in the assertion comes through twice where patterns say so, once where names do.
    private static string[] Listed(JsonElement condition, JsonElement white, string[] values)
    {
        var listed = values.Where(Fits(condition, white));
        return [.. condition.TryGetProperty("regex", out var regex) && regex.GetBoolean() ? listed : listed.Distinct()];
    }

    private static Func<string, bool> Fits(JsonElement condition, JsonElement list)
    {
        if (!condition.TryGetProperty("regex", out var regex) || !regex.GetBoolean())
        {
            // Other things than texts may stand in a list, and no value is one of them.
            string[] wanted = [.. list.EnumerateArray().Where(IsText).Select(static item => item.GetString()!)];
            return list.EnumerateArray().Any(static item => item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                ? throw new MappingRefusedException("A condition of the mapping lists what no value can be.")
                : value => wanted.Contains(value);
        }

        var patterns = list.EnumerateArray().Select(static item => IsText(item)
            ? PythonRegex.Compile(item.GetString()!, Patience)
            : throw new MappingRefusedException("A pattern of the mapping is no text.")).ToArray();
        return value => patterns.Any(pattern => IsMatch(pattern, value));
    }

    private static bool IsText(JsonElement item) => item.ValueKind == JsonValueKind.String;

    private static bool IsMatch(Regex pattern, string value)
    {
        try
        {
            return pattern.IsMatch(value);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new MappingRefusedException($"The pattern {pattern} took too long.");
        }
    }

    private static JsonObject Fill(JsonObject local, IReadOnlyList<IReadOnlyList<string>> values)
    {
        var filled = new JsonObject();
        foreach (var (name, value) in local)
            filled[name] = FillNode(value, values);
        return filled;
    }

    private static JsonNode? FillNode(JsonNode? node, IReadOnlyList<IReadOnlyList<string>> values) => node switch
    {
        JsonObject inner => Fill(inner, values),
        JsonArray items => new JsonArray([.. items.Select(item => item is JsonObject inner ? Fill(inner, values) : throw NoText())]),
        JsonValue text when text.TryGetValue(out string? format) => PythonFormat.Fill(format!, values),
        _ => throw NoText(),
    };

    private static MappingRefusedException NoText() => new("A local part of the mapping holds what is no text.");
}
