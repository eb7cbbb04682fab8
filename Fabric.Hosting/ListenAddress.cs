using System.Net;

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
}
