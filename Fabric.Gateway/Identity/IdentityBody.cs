using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Reads the member that a body wraps. The schema was checked before, so a value that is there has its type.</summary>
internal readonly struct IdentityBody(JsonElement member)
{
    /// <summary>The member of that name; an empty one when it is missing.</summary>
    internal static IdentityBody Of(Call call, string member) => new(call.Body.TryGetProperty(member, out var inner) ? inner : default);

    /// <summary>The same for a thing that is to be made: hyphens and colons of its attributes' names count as low lines.</summary>
    internal static IdentityBody OfNew(Call call, string member)
    {
        if (!call.Body.TryGetProperty(member, out var inner) || inner.ValueKind != JsonValueKind.Object
            || !inner.EnumerateObject().Any(static property => property.Name.AsSpan().ContainsAny(':', '-')))
            return new(inner);
        var renamed = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in inner.EnumerateObject())
            renamed[property.Name.Replace(':', '_').Replace('-', '_')] = property.Value;
        return new(JsonSerializer.SerializeToElement(renamed));
    }

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

    /// <summary>The description of a new thing: empty when the body says nothing of it, and null when it says so.</summary>
    internal string? DescriptionOfNew() => IsNull("description") ? null : Text("description") ?? "";

    /// <summary>An array; null when it is missing.</summary>
    internal JsonElement? Items(string name) => member.ValueKind == JsonValueKind.Object
        && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value : null;

    internal int? Int(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? (int)value.GetDouble()
            : null;

    internal bool? Bool(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value)
            && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? member.GetProperty(name).GetBoolean()
            : null;

    internal IReadOnlyList<string>? Texts(string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(static item => item.GetString()!)]
            : null;

    /// <summary>The options to set, as the text of a JSON object; null when the body says nothing of them.</summary>
    internal string? Options() => member.ValueKind == JsonValueKind.Object && member.TryGetProperty("options", out var value)
        && value.ValueKind == JsonValueKind.Object ? value.GetRawText() : null;

    /// <summary>The same for user domains, whose schema says nothing of options: what is no switch that there is means nothing.</summary>
    internal string? LooseOptions()
    {
        if (!Has("options"))
            return null;
        var options = member.GetProperty("options");
        if (options.ValueKind is JsonValueKind.Null or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            throw Fault.BadRequest("TypeError", $"argument of type '{TypeName(options)}' is not iterable");
        if (options.ValueKind != JsonValueKind.Object || !options.TryGetProperty(ResourceOptions.Immutable, out var immutable))
            return null;
        return immutable.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null
            ? JsonSerializer.Serialize(new Dictionary<string, JsonElement> { [ResourceOptions.Immutable] = immutable })
            : throw Fault.BadRequest("TypeError", $"Expected boolean value, got <class '{TypeName(immutable)}'>");
    }

    /// <summary>Whether the body speaks of options and of nothing else.</summary>
    internal bool OptionsAlone() => member.ValueKind == JsonValueKind.Object && member.EnumerateObject().All(
        static property => property.NameEquals("options"));

    /// <summary>The attributes that identity does not know, as the text of a JSON object; null when there are none.</summary>
    internal string? Extra(params ReadOnlySpan<string> known)
    {
        if (member.ValueKind != JsonValueKind.Object)
            return null;
        Dictionary<string, JsonElement>? extra = null;
        foreach (var property in member.EnumerateObject())
        {
            if (property.Name is "id" or "options" or "extra" || known.Contains(property.Name))
                continue;
            if (property.NameEquals("links"))
                RequireMembers(property.Value);
            (extra ??= new(StringComparer.Ordinal))[property.Name] = property.Value;
        }

        return extra is null ? null : JsonSerializer.Serialize(extra);
    }

    // A thing's links are told beside those that a client invented: only an object has room for them.
    private static void RequireMembers(JsonElement links)
    {
        if (links.ValueKind == JsonValueKind.Array)
            throw Fault.BadRequest("TypeError", "list indices must be integers or slices, not str");
        if (links.ValueKind != JsonValueKind.Object)
            throw Fault.BadRequest("TypeError", $"'{TypeName(links)}' object does not support item assignment");
    }

    private static string TypeName(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "NoneType",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.String => "str",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "dict",
        _ => value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') ? "float" : "int",
    };

    /// <summary>A body may repeat the id of its path, and no other.</summary>
    internal void RequireId(string id)
    {
        if (Has("id") && !IsNull("id") && Text("id") != id)
            throw Fault.BadRequest("ValidationError", "Cannot change ID");
    }
}
