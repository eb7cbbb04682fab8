using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Fabric.NodeAgent.Network;
using Fabric.NodeAgent.Network.Interop;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Real;

/// <summary>All frames that a guest's card receives, from when this was made.</summary>
internal sealed class LabFrames : IDisposable
{
    private const ushort EveryProtocol = 3;
    private const int RawSocket = 3;

    private readonly ConcurrentQueue<byte[]> _seen = new();
    private readonly Socket _socket;
    private readonly Task _reading;

    private LabFrames(Socket socket)
    {
        _socket = socket;
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal static async Task<LabFrames> Of(string ns) => new(await NetworkNamespace.Run(ns, () => new Socket(
        AddressFamily.Packet, SocketType.Raw, (ProtocolType)BinaryPrimitives.ReverseEndianness(EveryProtocol))));

    /// <summary>Whether a frame has come.</summary>
    internal bool Has(byte[] frame) => _seen.Any(seen => seen.AsSpan().StartsWith(frame));

    /// <summary>Sends the frame from a guest and then one that must arrive: whether the first has arrived before it.</summary>
    internal async Task<bool> Passes(string from, byte[] frame, byte[] honest)
    {
        _seen.Clear();
        await Send(from, frame);
        await Eventually.True(
            async () =>
            {
                await Send(from, honest);
                return Has(honest);
            },
            "an honest frame arrives");
        return Has(frame);
    }

    internal static Task<bool> Send(string ns, byte[] frame) => NetworkNamespace.Run(ns, () =>
    {
        using var socket = Libc.Socket(Libc.AddressFamilyPacket, RawSocket, 0);
        var to = new byte[20];
        BinaryPrimitives.WriteUInt16LittleEndian(to, Libc.AddressFamilyPacket);
        BinaryPrimitives.WriteInt32LittleEndian(to.AsSpan(4), (int)Libc.IfNameToIndex("eth0"));
        return Libc.SendTo(socket, frame, frame.Length, 0, to, to.Length) == frame.Length;
    });

    /// <summary>An ARP announcement to all.</summary>
    internal static byte[] Arp(string from, string sender, string ip) =>
        [.. Octets("ff:ff:ff:ff:ff:ff"), .. Octets(from), 8, 6, .. GratuitousArp.Packet(sender, IPAddress.Parse(ip))];

    /// <summary>A datagram of IPv4 or IPv6, by the source's version.</summary>
    internal static byte[] Udp(string from, string to, string source, string destination, int sourcePort, int destinationPort)
    {
        byte[] body = [.. Number(sourcePort), .. Number(destinationPort), .. Number(12), 0, 0, 1, 2, 3, 4];
        return Packet(from, to, IPAddress.Parse(source), IPAddress.Parse(destination), 17, body, checksumAt: 6);
    }

    /// <summary>A message of ICMPv6: type, code, and what follows the checksum.</summary>
    internal static byte[] Icmp6(string from, string to, string source, string destination, byte type, params byte[] rest) =>
        Packet(from, to, IPAddress.Parse(source), IPAddress.Parse(destination), 58, [type, 0, 0, 0, .. rest], checksumAt: 2);

    /// <summary>A neighbour advertisement that overrides what is known.</summary>
    internal static byte[] Neighbor(string from, string source, string target) => Icmp6(
        from, "33:33:00:00:00:01", source, "ff02::1", 136,
        [0x20, 0, 0, 0, .. IPAddress.Parse(target).GetAddressBytes(), 2, 1, .. Octets(from)]);

    public void Dispose()
    {
        _socket.Dispose();
        _reading.GetAwaiter().GetResult();
    }

    private void Read()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                // A blocked read would outlive the socket.
                if (_socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
                    _seen.Enqueue(buffer[.._socket.Receive(buffer)]);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private static byte[] Packet(
        string from, string to, IPAddress source, IPAddress destination, byte protocol, byte[] body, int checksumAt)
    {
        byte[] addresses = [.. source.GetAddressBytes(), .. destination.GetAddressBytes()];
        BinaryPrimitives.WriteUInt16BigEndian(
            body.AsSpan(checksumAt), Checksum([.. addresses, 0, 0, .. Number(body.Length), 0, 0, 0, protocol, .. body]));
        byte[] link = [.. Octets(to), .. Octets(from)];
        if (source.AddressFamily == AddressFamily.InterNetworkV6)
            return [.. link, 0x86, 0xdd, 0x60, 0, 0, 0, .. Number(body.Length), protocol, 255, .. addresses, .. body];

        byte[] head = [0x45, 0, .. Number(20 + body.Length), 0, 0, 0, 0, 64, protocol, 0, 0, .. addresses];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(10), Checksum(head));
        return [.. link, 8, 0, .. head, .. body];
    }

    private static ushort Checksum(byte[] bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += (uint)(bytes[i] << 8 | (i + 1 < bytes.Length ? bytes[i + 1] : 0));

        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);

        return (ushort)~sum;
    }

    private static byte[] Number(int number) => [(byte)(number >> 8), (byte)number];

    private static byte[] Octets(string mac) => Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
}
