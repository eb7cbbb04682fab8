using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>Values as Python prints them, which is how OpenStack's messages quote a user's input.</summary>
public static class PythonRepr
{
    /// <summary>A quoted value is cut here, so that a large body does not come back in full.</summary>
    private const int Longest = 1024;

    /// <summary><c>repr(value)</c>.</summary>
    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.Length > Longest ? text.ToString(0, Longest) + "…" : text.ToString();
    }

    /// <summary><c>repr(text)</c>.</summary>
    public static string Of(string text)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal);
        if (text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal))
            return $"\"{escaped}\"";
        escaped = escaped.Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return $"'{escaped}'";
    }

    /// <summary><c>str(value)</c>: a string without quotes, all else as its repr.</summary>
    public static string Display(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : Of(value);

    private static void Append(StringBuilder text, JsonElement value)
    {
        if (text.Length > Longest)
            return;
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Append(Of(value.GetString()!));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                text.Append(value.GetBoolean() ? "True" : "False");
                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                text.Append("None");
                break;
            case JsonValueKind.Array:
                text.Append('[');
                Join(text, value.EnumerateArray(), Append);
                text.Append(']');
                break;
            case JsonValueKind.Object:
                text.Append('{');
                Join(text, value.EnumerateObject(), static (to, property) =>
                {
                    to.Append(Of(property.Name)).Append(": ");
                    Append(to, property.Value);
                });
                text.Append('}');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void Join<T>(StringBuilder text, IEnumerable<T> items, Action<StringBuilder, T> append)
    {
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                text.Append(", ");
            first = false;
            append(text, item);
        }
    }
}
