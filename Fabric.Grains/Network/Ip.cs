using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fabric.Grains.Network;

/// <summary>An IPv4 or IPv6 address as a number, so that pools can count.</summary>
public readonly record struct Ip(int Version, UInt128 Value) : IComparable<Ip>
{
    /// <summary>Bits of an address of this version.</summary>
    public int Bits => Version == 4 ? 32 : 128;

    /// <summary>Reads an address in its usual form. IPv4 must have four parts without leading zeros, which some programs read as
    /// octal.</summary>
    public static bool TryParse(string? text, out Ip ip)
    {
        ip = default;
        if (text is null or { Length: > 45 } || text.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address))
            return false;
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            if (address.ToString() != text)
                return false;
            ip = new(4, BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()));
            return true;
        }

        ip = new(6, BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes()));
        return text.Contains(':', StringComparison.Ordinal);
    }

    /// <summary>Reads a text known to be good.</summary>
    public static Ip Parse(string text) => TryParse(text, out var ip) ? ip : throw new FormatException($"'{text}' is not an IP address.");

    /// <summary>The address so many further on.</summary>
    public Ip Plus(UInt128 count) => this with { Value = Value + count };

    /// <inheritdoc/>
    public int CompareTo(Ip other) => Version != other.Version ? Version.CompareTo(other.Version) : Value.CompareTo(other.Value);

    public static bool operator <(Ip left, Ip right) => left.CompareTo(right) < 0;

    public static bool operator >(Ip left, Ip right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ip left, Ip right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ip left, Ip right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (Version == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Value);
            return new IPAddress(bytes[..4]).ToString();
        }

        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return new IPAddress(bytes).ToString();
    }
}

/// <summary>A block of addresses. <see cref="First"/> has no host bits.</summary>
public readonly record struct Cidr(Ip First, int PrefixLength)
{
    /// <summary>4 or 6.</summary>
    public int Version => First.Version;

    /// <summary>The last address of the block.</summary>
    public Ip Last => First with { Value = First.Value | HostMask(First.Bits, PrefixLength) };

    /// <summary>Reads <c>10.0.0.7/24</c>; host bits are dropped, and a bare address is a block of one.</summary>
    public static bool TryParse(string? text, out Cidr cidr)
    {
        cidr = default;
        if (text is null)
            return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!Ip.TryParse(slash < 0 ? text : text[..slash], out var ip))
            return false;
        var length = ip.Bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
            || length > ip.Bits))
            return false;
        cidr = new(ip with { Value = ip.Value & ~HostMask(ip.Bits, length) }, length);
        return true;
    }

    /// <summary>Reads a text known to be good.</summary>
    public static Cidr Parse(string text) => TryParse(text, out var cidr) ? cidr : throw new FormatException($"'{text}' is not a CIDR.");

    /// <summary>Whether the address lies in the block.</summary>
    public bool Contains(Ip ip) => ip.Version == Version && ip >= First && ip <= Last;

    /// <summary>Whether the blocks share an address.</summary>
    public bool Overlaps(Cidr other) => other.Version == Version && First <= other.Last && other.First <= Last;

    /// <summary>Whether a port may have the address: in the block, neither its network nor, in IPv4, its broadcast address.</summary>
    public bool IsHost(Ip ip)
    {
        if (!Contains(ip))
            return false;
        return PrefixLength >= First.Bits - 1 || (ip != First && (Version == 6 || ip != Last));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}/{PrefixLength}");

    private static UInt128 HostMask(int bits, int prefix) => prefix == bits ? 0 : (UInt128.One << (bits - prefix)) - 1;
}

/// <summary>Addresses from the first to the last, both included.</summary>
public readonly record struct IpRange(Ip First, Ip Last)
{
    /// <summary>How many.</summary>
    public UInt128 Count => Last.Value - First.Value + 1;

    /// <summary>Whether the address is one of them.</summary>
    public bool Contains(Ip ip) => ip.Version == First.Version && ip >= First && ip <= Last;

    /// <summary>Whether the ranges share an address.</summary>
    public bool Overlaps(IpRange other) => other.First <= Last && First <= other.Last;

    /// <summary>As Python's netaddr prints it.</summary>
    public override string ToString() => $"{First}-{Last}";
}
