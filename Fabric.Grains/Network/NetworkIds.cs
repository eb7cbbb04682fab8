using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>Ids that are derived from what a thing is for, so that whoever makes it twice, after a crash too, makes it once.</summary>
internal static class NetworkIds
{
    /// <summary>The port of a server's card.</summary>
    public static PortId InstancePort(InstanceId instance, int index) => new(Derive("instance-port", $"{instance}/{index}"));

    /// <summary>The port that a network's DHCP answers from.</summary>
    public static PortId DhcpPort(NetworkId network) => new(Derive("dhcp-port", network.Text));

    /// <summary>The port that holds a floating address.</summary>
    public static PortId FloatingIpPort(FloatingIpId floatingIp) => new(Derive("floating-ip-port", floatingIp.Text));

    /// <summary>The group that a project's ports get when they name none.</summary>
    public static SecurityGroupId DefaultSecurityGroup(ProjectId project) => new(Derive("default-security-group", project.Text));

    /// <summary>What Neutron's DHCP agent writes into <c>device_id</c>.</summary>
    public static string DhcpDevice(NetworkId network) => $"dhcp{Derive("dhcp-server", "fabric")}-{network}";

    /// <summary>A node's agent of a type, for the list of agents.</summary>
    public static Guid Agent(string type, string nodeName) => Derive("agent/" + type, nodeName);

    private static Guid Derive(string purpose, string key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"fabric/network/{purpose}/{key}"), hash);
        var bytes = hash[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x50);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new(bytes, bigEndian: true);
    }
}

/// <summary>MAC addresses.</summary>
public static class MacAddresses
{
    /// <summary>A new one under OpenStack's prefix.</summary>
    public static string New()
    {
        Span<byte> tail = stackalloc byte[3];
        RandomNumberGenerator.Fill(tail);
        return $"fa:16:3e:{tail[0]:x2}:{tail[1]:x2}:{tail[2]:x2}";
    }

    /// <summary>Reads any usual form into <c>aa:bb:cc:dd:ee:ff</c>; false for what is none, for all zeros and for all ones.</summary>
    public static bool TryNormalize(string? text, out string mac)
    {
        mac = "";
        if (text is null or { Length: > 17 })
            return false;
        var digits = text.Replace(":", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)
            .Replace(".", "", StringComparison.Ordinal);
        if (digits.Length != 12 || !digits.All(char.IsAsciiHexDigit))
            return false;
        digits = digits.ToLowerInvariant();
        mac = string.Join(':', Enumerable.Range(0, 6).Select(part => digits.Substring(part * 2, 2)));
        return mac is not ("00:00:00:00:00:00" or "ff:ff:ff:ff:ff:ff");
    }

    /// <summary>The address that a guest gives itself in a /64 (modified EUI-64).</summary>
    internal static Ip Eui64(Cidr prefix, string mac)
    {
        var bytes = Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
        ReadOnlySpan<byte> id = [(byte)(bytes[0] ^ 2), bytes[1], bytes[2], 0xff, 0xfe, bytes[3], bytes[4], bytes[5]];
        return prefix.First.Plus(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(id));
    }
}

/// <summary>The agents that a node shows to OpenStack's clients.</summary>
public static class HypervisorAgents
{
    /// <summary>The id of a node's agent of a type; the same always.</summary>
    public static Guid IdOf(string type, string nodeName) => NetworkIds.Agent(type, nodeName);
}
