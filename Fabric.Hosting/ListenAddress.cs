using System.Net;
using System.Net.Sockets;

namespace Fabric.Hosting;

/// <summary>Addresses to listen on, as they are typed.</summary>
public static class ListenAddress
{
    /// <summary><c>*</c> for all, <c>localhost</c>, or an address. Throws <see cref="StartRefusedException"/> for anything else.</summary>
    public static IPAddress Parse(string text) => text switch
    {
        "*" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(text, out var parsed) => parsed,
        _ => throw new StartRefusedException($"'{text}' is not an address to listen on"),
    };

    /// <summary>How this machine reaches what listens there: a wildcard is no address to connect to.</summary>
    public static string Reachable(string text) => text is "*" or "0.0.0.0" or "::" or "localhost" ? "127.0.0.1" : text;

    /// <summary>The address that others are told: an address, or <c>auto</c> for the one from which this machine sends by its default
    /// route, as in a container, whose address nobody knows before it runs.</summary>
    public static IPAddress ToAdvertise(string text)
    {
        if (text == "auto")
            return OfDefaultRoute();
        return IPAddress.TryParse(text, out var address)
            ? address
            : throw new StartRefusedException($"'{text}' is not an address that other members could reach");
    }

    private static IPAddress OfDefaultRoute()
    {
        // To connect a datagram socket sends nothing: it only asks the routes. The address is one that documents use, so no nearer route
        // than the default one leads there.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(new IPEndPoint(new IPAddress([192, 0, 2, 1]), 9));
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException failure)
        {
            throw new StartRefusedException(
                $"there is no default route, so 'auto' is no address that other members could reach ({failure.Message})");
        }
    }
}
