using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Fabric.NodeAgent.Network.Interop;

namespace Fabric.NodeAgent.Network;

/// <summary>Tells a segment who has an address now, so that neighbours who knew it elsewhere (a floating IP that moved) need not wait for
/// their cache to expire. Sent from inside the process: a router with a hundred addresses need not start a hundred of arping.</summary>
internal static class GratuitousArp
{
    private const ushort EthernetArp = 0x0806;

    /// <summary>Announces addresses on a device of a namespace. The device must be up.</summary>
    internal static Task<bool> Announce(string? ns, string device, string mac, IReadOnlyList<IPAddress> addresses) =>
        NetworkNamespace.Run(ns, () => Send(device, mac, addresses));

    private static bool Send(string device, string mac, IReadOnlyList<IPAddress> addresses)
    {
        var index = Libc.IfNameToIndex(device);
        if (index == 0)
            return false;

        var network = BinaryPrimitives.ReverseEndianness(EthernetArp);
        using var socket = Libc.Socket(Libc.AddressFamilyPacket, Libc.SocketDatagram | Libc.SocketCloseOnExec, network);
        if (socket.IsInvalid)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "Cannot open a packet socket.");

        var to = LinkAddress((int)index);
        foreach (var address in addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork))
            if (Libc.SendTo(socket, Packet(mac, address), 28, 0, to, to.Length) < 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot announce {address} on {device}.");

        return true;
    }

    /// <summary>An ARP request for the address by its owner (RFC 5227, an announcement).</summary>
    internal static byte[] Packet(string mac, IPAddress address)
    {
        var sender = Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
        var ip = address.GetAddressBytes();
        return [0, 1, 8, 0, 6, 4, 0, 1, .. sender, .. ip, 0, 0, 0, 0, 0, 0, .. ip];
    }

    // struct sockaddr_ll: family (host order), protocol (network order), device, and the broadcast address.
    private static byte[] LinkAddress(int index)
    {
        var address = new byte[20];
        BinaryPrimitives.WriteUInt16LittleEndian(address, Libc.AddressFamilyPacket);
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), EthernetArp);
        BinaryPrimitives.WriteInt32LittleEndian(address.AsSpan(4), index);
        address[11] = 6;
        address.AsSpan(12, 6).Fill(0xff);
        return address;
    }
}
