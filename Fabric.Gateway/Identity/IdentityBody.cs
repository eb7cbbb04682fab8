using System.Text.Json;
using Fabric.Gateway.Http;

namespace Fabric.Gateway.Identity;

/// <summary>Reads the member that a body wraps. The schema was checked before, so a value that is there has its type.</summary>
internal readonly struct IdentityBody(JsonElement member)
{
    /// <summary>The member of that name; an empty one when it is missing.</summary>
    internal static IdentityBody Of(Call call, string member) => new(call.Body.TryGetProperty(member, out var inner) ? inner : default);

    internal bool Has(string name) => member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out _);

    internal bool IsNull(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>The text; null when it is missing or null.</summary>
    internal string? Text(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>An object; null when it is missing.</summary>
    internal JsonElement? Member(string name) => member.ValueKind == JsonValueKind.Object
        && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    internal bool? Bool(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value)
            && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? member.GetProperty(name).GetBoolean()
            : null;

    internal IReadOnlyList<string>? Texts(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(static item => item.GetString()!)]
            : null;

    /// <summary>The attributes that identity does not know, as the text of a JSON object; null when there are none.</summary>
    internal string? Extra(params ReadOnlySpan<string> known)
    {
        if (member.ValueKind != JsonValueKind.Object)
            return null;
        Dictionary<string, JsonElement>? extra = null;
        foreach (var property in member.EnumerateObject())
        {
            if (property.Name is "id" or "links" or "options" || known.Contains(property.Name))
                continue;
            (extra ??= new(StringComparer.Ordinal))[property.Name] = property.Value;
        }

        return extra is null ? null : JsonSerializer.Serialize(extra);
    }

    /// <summary>A body may repeat the id of its path, and no other.</summary>
    internal void RequireId(string id)
    {
        if (Text("id") is { } named && named != id)
            throw Fault.BadRequest("ValidationError", "Cannot change ID");
    }
}
