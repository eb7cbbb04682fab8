using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Fabric.NodeAgent.Network;
using Fabric.NodeAgent.Network.Interop;

namespace Fabric.Tests.Real;

/// <summary>A guest's DHCPv6 client (RFC 8415): the few messages by which a guest comes to an address and to options.</summary>
internal sealed class LabDhcpv6
{
    private const byte Solicit = 1;
    private const byte Request = 3;
    private const byte InformationRequest = 11;
    private const int ClientId = 1;
    private const int ServerId = 2;
    private const int IdentityAssociation = 3;
    private const int AddressOption = 5;
    private const int OptionRequest = 6;

    /// <summary>What the client asks for: name servers, search list, boot file.</summary>
    private static readonly ushort[] Wanted = [23, 24, 59];

    private readonly byte[] _clientId;
    private readonly Socket _socket;
    private readonly IPEndPoint _servers;

    private LabDhcpv6(string mac, Socket socket, long device)
    {
        // A DUID made of the MAC: 3 for "link layer", 1 for Ethernet.
        _clientId = [0, 3, 0, 1, .. Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal))];
        _socket = socket;
        _servers = new(new IPAddress(IPAddress.Parse("ff02::1:2").GetAddressBytes(), device), 547);
    }

    /// <summary>The address that a guest gets, and the options by their numbers.</summary>
    internal static Task<(string? Address, IReadOnlyDictionary<int, byte[]> Options)> Lease(string ns, string mac) => Run(ns, mac, client =>
    {
        byte[] association = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        var offer = client.Ask(Solicit, Option(IdentityAssociation, association));
        var lease = client.Ask(
            Request, [.. Option(ServerId, offer[ServerId]), .. Option(IdentityAssociation, offer[IdentityAssociation])]);
        var inner = lease.TryGetValue(IdentityAssociation, out var granted) ? Parse(granted.AsSpan(12)) : [];
        return (inner.TryGetValue(AddressOption, out var address) ? new IPAddress(address[..16]).ToString() : null, lease);
    });

    /// <summary>The options that a guest gets who has an address already.</summary>
    internal static async Task<IReadOnlyDictionary<int, byte[]>> Inform(string ns, string mac) =>
        (await Run(ns, mac, client => (null, client.Ask(InformationRequest, [])))).Options;

    /// <summary>The addresses in an option's bytes.</summary>
    internal static string Addresses(byte[] option) =>
        string.Join(' ', option.Chunk(16).Select(address => new IPAddress(address).ToString()));

    private static Task<(string? Address, IReadOnlyDictionary<int, byte[]> Options)> Run(
        string ns, string mac, Func<LabDhcpv6, (string?, IReadOnlyDictionary<int, byte[]>)> work) => NetworkNamespace.Run(ns, () =>
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 546));
            return work(new(mac, socket, Libc.IfNameToIndex("eth0")));
        });

    /// <summary>Asks until it is answered: the card's own address may still be probed for duplicates.</summary>
    private Dictionary<int, byte[]> Ask(byte kind, byte[] options)
    {
        byte[] transaction = [kind, 0xfa, 0xb0];
        byte[] wanted = [.. Wanted.SelectMany(option => Number(option))];
        byte[] elapsed = [0, 8, 0, 2, 0, 0];
        byte[] message =
            [kind, .. transaction, .. Option(ClientId, _clientId), .. options, .. Option(OptionRequest, wanted), .. elapsed];
        var buffer = new byte[2048];
        for (var attempt = 0; attempt < 40; attempt++)
        {
            try
            {
                _socket.SendTo(message, _servers);
            }
            catch (SocketException early) when (early.SocketErrorCode
                is SocketError.AddressNotAvailable or SocketError.NetworkUnreachable or SocketError.HostUnreachable)
            {
                // Asked again after the pause.
            }

            while (_socket.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead))
            {
                var answer = buffer.AsSpan(0, _socket.Receive(buffer));
                if (answer.Length > 4 && answer[1..4].SequenceEqual(transaction))
                    return Parse(answer[4..]);
            }
        }

        throw new InvalidOperationException($"No DHCPv6 server answered message {kind}.");
    }

    private static Dictionary<int, byte[]> Parse(ReadOnlySpan<byte> options)
    {
        var found = new Dictionary<int, byte[]>();
        while (options.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            found[BinaryPrimitives.ReadUInt16BigEndian(options)] = options.Slice(4, length).ToArray();
            options = options[(4 + length)..];
        }

        return found;
    }

    private static byte[] Option(int number, byte[] value) => [.. Number(number), .. Number(value.Length), .. value];

    private static byte[] Number(int number) => [(byte)(number >> 8), (byte)number];
}
