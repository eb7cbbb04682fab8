using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Reads <c>extra_dhcp_opts</c> (source: <c>neutron_lib/api/definitions/extra_dhcp_opt.py</c>). What is wrong with one is told as
/// Neutron does: not why, only which.</summary>
internal static class ParseDhcpOptions
{
    private const int LongestName = 64;
    private const int LongestValue = 255;

    /// <summary>Where Python's <c>splitlines</c> ends a line.</summary>
    private static readonly char[] LineEnds =
        ['\n', '\r', '\v', '\f', '\u001c', '\u001d', '\u001e', '\u0085', '\u2028', '\u2029'];

    internal static string? Read(JsonElement input, out object? value)
    {
        value = (IReadOnlyList<DhcpOption>)[];
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind != JsonValueKind.Array)
            throw NetworkFaults.InvalidInput($"'{PythonRepr.Display(input)}' is not a list");
        var options = new List<DhcpOption>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in input.EnumerateArray())
        {
            if (!seen.Add(PythonRepr.Of(item)))
                throw NetworkFaults.InvalidInput($"Duplicate items in the list: '{PythonRepr.Of(item)}'");
            options.Add(One(item) ?? throw NetworkFaults.InvalidInput($"No valid key specs matched for: {PythonRepr.Of(item)}"));
        }

        value = (IReadOnlyList<DhcpOption>)options;
        return null;
    }

    private static DhcpOption? One(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object
            || item.EnumerateObject().Any(static property => property.Name is not ("opt_name" or "opt_value" or "ip_version"))
            || !item.TryGetProperty("opt_name", out var name) || name.ValueKind != JsonValueKind.String
            || !item.TryGetProperty("opt_value", out var given) || given.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            return null;
        var option = new DhcpOption(
            name.GetString()!, given.GetString(), item.TryGetProperty("ip_version", out var version) ? Version(version) : 4);
        var blank = DhcpOption.MayBeBlank.Contains(option.Name);
        return option.IpVersion is 4 or 6
            && (blank || IsOneLine(option.Name, LongestName))
            && (option.Value is null || (blank ? option.Value.Length <= LongestValue : IsOneLine(option.Value, LongestValue)))
            ? option
            : null;
    }

    private static int Version(JsonElement version) => version.ValueKind switch
    {
        JsonValueKind.Number when version.TryGetInt32(out var number) => number,
        JsonValueKind.String when int.TryParse(version.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var read) => read,
        _ => throw NetworkFaults.InvalidInput($"'{PythonRepr.Display(version)}' is not an integer"),
    };

    private static bool IsOneLine(string text, int longest) =>
        text.Trim().Length > 0 && text.Length <= longest && text.TrimEnd(LineEnds).IndexOfAny(LineEnds) < 0;
}
