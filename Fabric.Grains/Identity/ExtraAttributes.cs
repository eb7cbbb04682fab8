using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fabric.Grains.Identity;

/// <summary>Attributes that a client invented. Identity keeps and answers them beside its own (source: <c>keystone/common/sql/core.py</c>,
/// the column <c>extra</c>). Kept as the text of a JSON object; null when there are none.</summary>
public static class ExtraAttributes
{
    /// <summary>The old attributes with the new ones over them.</summary>
    public static string? Merge(string? old, string? change)
    {
        if (change is null)
            return old;
        if (old is null)
            return change;
        var merged = JsonNode.Parse(old)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
            merged[name] = value?.DeepClone();
        return merged.ToJsonString();
    }

    /// <summary>Each attribute.</summary>
    public static IEnumerable<KeyValuePair<string, JsonElement>> Read(string? extra)
    {
        if (extra is null)
            yield break;
        using var document = JsonDocument.Parse(extra);
        foreach (var property in document.RootElement.EnumerateObject())
            yield return new(property.Name, property.Value.Clone());
    }
}
