using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Http;

/// <summary>Text in JSON that is no text. The parser looks at the structure alone: bytes that are not UTF-8, and escapes that are half of
/// a character, would come to light only where a handler reads the string.</summary>
internal static class JsonText
{
    /// <summary>Whether every string in the value, names included, can be read.</summary>
    internal static bool IsReadable(JsonElement value)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(value);
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            return false;
        // Bodies with escapes beyond a quote or a line's end are rare; only they are walked through.
        return !bytes.Contains("\\u"u8) || CanRead(value);
    }

    private static bool Contains(this ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part) => bytes.IndexOf(part) >= 0;

    private static bool CanRead(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => IsWhole(JsonMarshal.GetRawUtf8Value(value)),
        JsonValueKind.Array => value.EnumerateArray().All(CanRead),
        JsonValueKind.Object => value.EnumerateObject().All(static property =>
            IsWhole(JsonMarshal.GetRawUtf8PropertyName(property)) && CanRead(property.Value)),
        _ => true,
    };

    /// <summary>Whether each <c>\u</c> escape of a surrogate is followed or preceded by its other half.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> text)
    {
        var high = false;
        for (var at = 0; at < text.Length; at++)
        {
            var unit = 0;
            if (text[at] == '\\' && text[++at] == 'u')
            {
                System.Buffers.Text.Utf8Parser.TryParse(text.Slice(at + 1, 4), out unit, out _, 'x');
                at += 4;
            }

            if (char.IsLowSurrogate((char)unit) != high)
                return false;
            high = char.IsHighSurrogate((char)unit);
        }

        return !high;
    }
}
