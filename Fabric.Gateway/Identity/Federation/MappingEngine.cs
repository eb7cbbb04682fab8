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
                maps.Add(condition.TryGetProperty("whitelist", out var white)
                    ? [.. values.Where(Fits(condition, white)).Distinct()]
                    : values);
            }
        }

        return maps;
    }

    private static Func<string, bool> Fits(JsonElement condition, JsonElement list)
    {
        string[] wanted = [.. list.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String)
            .Select(static item => item.GetString()!)];
        if (!condition.TryGetProperty("regex", out var regex) || !regex.GetBoolean())
            return value => wanted.Contains(value);
        var patterns = wanted.Select(Pattern).ToArray();
        return value => patterns.Any(pattern => IsMatch(pattern, value));
    }

    private static Regex Pattern(string pattern)
    {
        try
        {
            // Python's way to name a group.
            return new(pattern.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.CultureInvariant, Patience);
        }
        catch (ArgumentException error)
        {
            throw new MappingRefusedException("A pattern of the mapping is none: " + error.Message);
        }
    }

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
        JsonArray items => new JsonArray([.. items.Select(item => FillNode(item, values))]),
        JsonValue text when text.TryGetValue(out string? format) => PythonFormat.Fill(format!, values),
        _ => node?.DeepClone(),
    };
}
