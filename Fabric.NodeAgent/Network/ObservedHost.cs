using System.Text.Json;

namespace Fabric.NodeAgent.Network;

/// <summary>A device as the kernel shows it.</summary>
/// <param name="Addresses">Addresses with prefix length, but for link-local ones.</param>
internal sealed record ObservedLink(
    string Name, string Kind, string? Master, int Mtu, DeviceAlias? Alias, bool Up, string Mac, IReadOnlyList<string> Addresses)
{
    /// <summary>What kind of tunnel it is; null when it is none.</summary>
    internal ObservedTunnel? Tunnel { get; init; }
}

/// <summary>What cannot be changed of a VXLAN device.</summary>
internal sealed record ObservedTunnel(int Vni, string Local, int Port, bool Learns)
{
    internal static ObservedTunnel? Parse(JsonElement link) =>
        link.TryGetProperty("linkinfo", out var info) && info.TryGetProperty("info_kind", out var kind) && kind.ValueEquals("vxlan")
            && info.TryGetProperty("info_data", out var data)
            ? new(
                data.TryGetProperty("id", out var id) ? id.GetInt32() : 0,
                data.TryGetProperty("local", out var local) ? local.GetString() ?? "" : "",
                data.TryGetProperty("port", out var port) ? port.GetInt32() : 0,
                data.TryGetProperty("learning", out var learning) && learning.GetBoolean())
            : null;
}

/// <summary>The devices of one network namespace, read from <c>ip -json -details address</c>.</summary>
internal sealed record ObservedHost(IReadOnlyDictionary<string, ObservedLink> Links)
{
    internal static readonly string[] Command = ["-json", "-details", "address", "show"];

    internal static ObservedHost Parse(string json)
    {
        using var document = JsonDocument.Parse(json.Length == 0 ? "[]" : json);
        return new(document.RootElement.EnumerateArray()
            .Where(link => link.TryGetProperty("ifname", out _))
            .Select(Link)
            .ToDictionary(link => link.Name, StringComparer.Ordinal));
    }

    /// <summary>The devices that bear a tag.</summary>
    internal IEnumerable<ObservedLink> Ours(string tag) => Links.Values.Where(link => link.Alias?.Tag == tag);

    private static ObservedLink Link(JsonElement link) => new(
        link.GetProperty("ifname").GetString()!,
        link.TryGetProperty("linkinfo", out var info) ? Text(info, "info_kind") ?? "" : "",
        Text(link, "master"),
        link.GetProperty("mtu").GetInt32(),
        DeviceAlias.Parse(Text(link, "ifalias")),
        link.GetProperty("flags").EnumerateArray().Any(flag => flag.ValueEquals("UP")),
        Text(link, "address") ?? "",
        link.TryGetProperty("addr_info", out var addresses) ? [.. addresses.EnumerateArray().Where(IsOurs).Select(Address)] : [])
    {
        Tunnel = ObservedTunnel.Parse(link),
    };

    private static bool IsOurs(JsonElement address) => address.TryGetProperty("local", out _) && Text(address, "scope") != "link";

    // .NET and the kernel do not write every IPv6 address alike.
    private static string Address(JsonElement address) =>
        $"{Cidr.Address(Text(address, "local"))}/{address.GetProperty("prefixlen").GetInt32()}";

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}

/// <summary>What is inside one of our namespaces.</summary>
internal sealed record ObservedNamespace(ObservedHost Host, IReadOnlySet<RouteTarget> Routes)
{
    internal static readonly string[] RoutesCommand = ["-json", "route", "show"];
    internal static readonly string[] RoutesIpv6Command = ["-6", "-json", "route", "show"];

    internal static ObservedNamespace Parse(string addresses, string routes, string routesIpv6) => new(
        ObservedHost.Parse(addresses), ParseRoutes(routes, "default").Concat(ParseRoutes(routesIpv6, RouteTarget.DefaultIpv6)).ToHashSet());

    /// <summary>What is there when a configuration was applied completely.</summary>
    internal static ObservedNamespace Of(NamespaceTarget target) => new(
        new(target.Legs.Select(leg => new ObservedLink(leg.Inner, "veth", null, leg.Mtu, null, true, leg.Mac, leg.Addresses))
            .Append(new("lo", "", null, 65536, null, true, "", []))
            .ToDictionary(link => link.Name, StringComparer.Ordinal)),
        target.Routes.ToHashSet());

    private static List<RouteTarget> ParseRoutes(string json, string standard)
    {
        using var document = JsonDocument.Parse(json.Length == 0 ? "[]" : json);

        // The kernel's own routes come and go with the addresses, and those that a router advertised with its advertisements.
        return [.. document.RootElement.EnumerateArray()
            .Where(route => !(route.TryGetProperty("protocol", out var protocol) && protocol.GetString() is "kernel" or "ra"))
            .Select(route => new RouteTarget(
                Destination(route.GetProperty("dst").GetString()!, standard),
                route.TryGetProperty("gateway", out var gateway) ? gateway.GetString()! : ""))];
    }

    private static string Destination(string shown, string standard) =>
        shown == "default" ? standard : Cidr.Parse(shown)?.ToString() ?? shown;
}
