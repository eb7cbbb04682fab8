using System.Text.Json;
using Fabric.Gateway.Http;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Tries a mapping without a cloud, as <c>keystone-manage mapping_engine</c> does.</summary>
public static class MappingTrial
{
    /// <summary>What the rules make of an assertion, as JSON; false, and why, when they make nothing of it.</summary>
    /// <param name="rules">A mapping, or its rules alone: JSON.</param>
    /// <param name="input">The assertion: a line for each attribute, its name, a colon and its values with semicolons between them.</param>
    /// <param name="prefix">Only attributes that begin with this are looked at; empty for all.</param>
    /// <param name="result">The identity, or what is wrong.</param>
    public static bool TryRun(string rules, string input, string prefix, out string result)
    {
        try
        {
            using var document = JsonDocument.Parse(rules);
            var mapping = document.RootElement.ValueKind == JsonValueKind.Array
                ? JsonSerializer.SerializeToElement(new { rules = document.RootElement })
                : document.RootElement;
            MappingSchema.Require(mapping);
            var made = MappingEngine.Process(mapping.GetProperty("rules"), Read(input, prefix));
            result = made.ToJson().ToJsonString(new(Wire.Options) { WriteIndented = true });
            return true;
        }
        catch (Exception error) when (error is JsonException or Fault or MappingRefusedException)
        {
            result = error.Message.TrimEnd();
            return false;
        }
    }

    private static Dictionary<string, string> Read(string input, string prefix)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in input.ReplaceLineEndings("\n").Split('\n').Select(static line => line.Trim()))
        {
            number++;
            if (line.Length == 0)
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw new MappingRefusedException($"line {number} of the assertion: expected 'key: value' but found '{line}'");
            var name = line[..colon].Trim();
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                said[name] = line[(colon + 1)..].Trim();
        }

        return said;
    }
}
