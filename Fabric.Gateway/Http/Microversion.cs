using System.Globalization;

namespace Fabric.Gateway.Http;

/// <summary>A version of an API's form, such as 2.47. Ordered by number: 2.9 comes before 2.10.</summary>
public readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>Reads <c>2.47</c>; false for anything else.</summary>
    public static bool TryParse(string? text, out Microversion version)
    {
        version = default;
        var dot = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot < 1
            || !int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            return false;
        version = new(major, minor);
        return text![0] != '0' && (minor == 0 ? text.Length == dot + 2 : text[dot + 1] != '0');
    }

    /// <summary>Reads a version written in code.</summary>
    public static Microversion Parse(string text) =>
        TryParse(text, out var version) ? version : throw new FormatException($"'{text}' is no microversion.");

    /// <inheritdoc/>
    public int CompareTo(Microversion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    public static bool operator <(Microversion left, Microversion right) => left.CompareTo(right) < 0;

    public static bool operator >(Microversion left, Microversion right) => left.CompareTo(right) > 0;

    public static bool operator <=(Microversion left, Microversion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Microversion left, Microversion right) => left.CompareTo(right) >= 0;

    /// <summary>So that code reads <c>call.Microversion &gt;= "2.47"</c>.</summary>
    public static implicit operator Microversion(string text) => Known.GetOrAdd(text, Parse);

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Microversion> Known = new(StringComparer.Ordinal);
}

/// <summary>The window of versions that a service offers, and how a request names one (source: the API SIG's microversion
/// specification).</summary>
/// <param name="ServiceType">The word in the header <c>OpenStack-API-Version: compute 2.47</c>.</param>
/// <param name="Min">The oldest, and what a request without a version gets.</param>
/// <param name="Max">The newest.</param>
/// <param name="LegacyHeader">An older header with the bare number, such as <c>X-OpenStack-Nova-API-Version</c>.</param>
public sealed record MicroversionWindow(string ServiceType, Microversion Min, Microversion Max, string? LegacyHeader = null)
{
    private const string Header = "OpenStack-API-Version";

    /// <summary>What the request asks for. Throws a bad-request fault for a malformed version, a not-acceptable one outside of the
    /// window.</summary>
    public Microversion Negotiate(IHeaderDictionary headers)
    {
        var asked = Find(headers);
        if (asked is null)
            return Min;
        if (string.Equals(asked, "latest", StringComparison.OrdinalIgnoreCase))
            return Max;
        if (!Microversion.TryParse(asked, out var version))
            throw Fault.BadRequest("InvalidAPIVersionString",
                $"API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum.");
        if (version < Min || version > Max)
        {
            throw new Fault(FaultKind.NotAcceptable, "InvalidGlobalAPIVersion",
                $"Version {version} is not supported by the API. Minimum is {Min} and maximum is {Max}.");
        }

        return version;
    }

    /// <summary>Says in the answer which version it is in.</summary>
    public void Write(IHeaderDictionary headers, Microversion version)
    {
        headers[Header] = $"{ServiceType} {version}";
        headers.Append("Vary", Header);
        if (LegacyHeader is null)
            return;
        headers[LegacyHeader] = version.ToString();
        headers.Append("Vary", LegacyHeader);
    }

    private string? Find(IHeaderDictionary headers)
    {
        foreach (var line in headers[Header])
        {
            foreach (var part in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var space = part.IndexOf(' ', StringComparison.Ordinal);
                if (space > 0 && part.AsSpan(0, space).Equals(ServiceType, StringComparison.OrdinalIgnoreCase))
                    return part[(space + 1)..].Trim();
            }
        }

        return LegacyHeader is not null && headers.TryGetValue(LegacyHeader, out var legacy) ? legacy.ToString() : null;
    }
}
