using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;

namespace Fabric.Gateway.Compute;

/// <summary>Reading validated bodies, and writing answers without objects in between.</summary>
internal static partial class ComputeJson
{
    /// <summary>The property, or null when it is missing or null.</summary>
    internal static JsonElement? Find(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();

    /// <summary>A string, or a number as its text; null when missing.</summary>
    internal static string? Text(this JsonElement body, string name) => body.Find(name) is { } value ? value.AsText() : null;

    /// <summary>A whole number, also from its digits.</summary>
    internal static int Int(this JsonElement body, string name, int missing) => body.Find(name) switch
    {
        null => missing,
        { ValueKind: JsonValueKind.String } text =>
            int.Parse(text.GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        { } number => (int)number.GetDecimal(),
    };

    /// <summary>OpenStack's strict booleans, also from their words.</summary>
    internal static bool Bool(this JsonElement body, string name, bool missing) => body.Find(name) switch
    {
        null => missing,
        { ValueKind: JsonValueKind.String } text => IsTrue(text.GetString()!),
        { } value => value.GetBoolean(),
    };

    /// <summary>A map of strings; numbers become their text.</summary>
    internal static Dictionary<string, string> Map(this JsonElement map)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
            result[property.Name] = property.Value.AsText();
        return result;
    }

    /// <summary>Reads a time of ISO 8601, in UTC unless it says otherwise; the runtime alone would also take a date as people write
    /// it.</summary>
    internal static bool TryReadTime(string text, out DateTimeOffset time)
    {
        time = default;
        return IsoTime().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>The words that OpenStack takes for true.</summary>
    internal static bool IsTrue(string text) => text.Trim().ToLowerInvariant() is "1" or "t" or "true" or "on" or "y" or "yes";

    /// <summary>The words that OpenStack takes for false.</summary>
    internal static bool IsFalse(string text) => text.Trim().ToLowerInvariant() is "0" or "f" or "false" or "off" or "n" or "no";

    /// <summary>An IPv6 address in its one shortest form, however it was written; empty stays empty.</summary>
    internal static string? ShortIpv6(string? text) => IPAddress.TryParse(text, out var address) ? address.ToString() : text;

    /// <summary>A JSON answer written straight into its bytes.</summary>
    internal static IResult Reply(Action<Utf8JsonWriter> write, int status = 200) => Http.Reply.Written(write, status);

    /// <summary>JSON written straight into its bytes.</summary>
    internal static ReadOnlyMemory<byte> Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = Wire.Options.Encoder, SkipValidation = true }))
            write(writer);
        return buffer.WrittenMemory;
    }

    /// <summary>A map of strings.</summary>
    internal static void WriteMap(this Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    /// <summary>A list of strings.</summary>
    internal static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>One entry of <c>links</c>.</summary>
    internal static void WriteLink(this Utf8JsonWriter json, string rel, string href)
    {
        json.WriteStartObject();
        json.WriteString("rel", rel);
        json.WriteString("href", href);
        json.WriteEndObject();
    }

    private static string AsText(this JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
