using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Fabric.NodeAgent.Network;

/// <summary>An address range with host bits cleared. All text that enters a ruleset, a batch or a configuration file has gone through a
/// parser like this one, so a value can break neither their syntax nor out of it.</summary>
internal readonly record struct Cidr(IPAddress Base, int PrefixLength)
{
    internal bool IsIPv4 => Base.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>One address only.</summary>
    internal bool IsSingle => PrefixLength == Base.GetAddressBytes().Length * 8;

    internal static Cidr? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Contains('%', StringComparison.Ordinal))
            return null;

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            return null;

        var bits = address.GetAddressBytes().Length * 8;
        var length = bits;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            return null;

        return new(Mask(address, length), length);
    }

    /// <summary>An address alone; null for anything else.</summary>
    internal static IPAddress? Address(string? text) =>
        Parse(text) is { } range && !text!.Contains('/', StringComparison.Ordinal) ? range.Base : null;

    /// <summary>An IPv4 address alone; null for anything else.</summary>
    internal static IPAddress? Address4(string? text) =>
        Address(text) is { AddressFamily: AddressFamily.InterNetwork } address ? address : null;

    /// <summary>An IPv6 address alone; null for anything else.</summary>
    internal static IPAddress? Address6(string? text) =>
        Address(text) is { AddressFamily: AddressFamily.InterNetworkV6 } address ? address : null;

    /// <summary>An address with its prefix length, host bits kept, as <c>ip addr</c> takes it; null when it is not one.</summary>
    internal static string? Interface(string? text) =>
        Parse(text) is { } range && text!.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            ? $"{IPAddress.Parse(text.AsSpan(0, slash))}/{range.PrefixLength}"
            : null;

    /// <summary>The ranges without those that lie within another: nft takes no overlap within a set. Sorted, so that equal input renders
    /// equally.</summary>
    internal static IReadOnlyList<Cidr> Merge(IEnumerable<Cidr> ranges)
    {
        var kept = new List<Cidr>();
        var widestFirst = ranges.Distinct()
            .OrderBy(range => range.PrefixLength).ThenBy(range => range.Base.ToString(), StringComparer.Ordinal);
        foreach (var range in widestFirst)
            if (!kept.Exists(wider => wider.Contains(range)))
                kept.Add(range);

        return kept;
    }

    internal bool Contains(Cidr other) =>
        Base.AddressFamily == other.Base.AddressFamily && PrefixLength <= other.PrefixLength && Mask(other.Base, PrefixLength).Equals(Base);

    internal bool Contains(IPAddress address) =>
        Base.AddressFamily == address.AddressFamily && Mask(address, PrefixLength).Equals(Base);

    /// <summary>A lone address without its length.</summary>
    public override string ToString() =>
        IsSingle ? Base.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Base}/{PrefixLength}");

    private static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(length - i * 8, 0, 8));

        return new(bytes);
    }
}

/// <summary>MAC addresses.</summary>
internal static partial class Mac
{
    /// <summary>In lower case; false when it is not one.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out string? mac)
    {
        mac = text is not null && Pattern().IsMatch(text) ? text.ToLowerInvariant() : null;
        return mac is not null;
    }

    /// <summary>The link-local address that a card derives from its MAC (RFC 4291, appendix A).</summary>
    internal static IPAddress LinkLocal(string mac)
    {
        var m = Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
        return new([0xfe, 0x80, 0, 0, 0, 0, 0, 0, (byte)(m[0] ^ 2), m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]]);
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}\z")]
    private static partial Regex Pattern();
}
