using System.Net;
using System.Text.Json.Nodes;
using Fabric.Grains.Network;

namespace Fabric.Grains.Compute;

/// <summary>Renders <c>network_data.json</c>: links, networks on them, and DNS (schema: <c>nova/virt/netutils.py</c>); pure.</summary>
internal static class NetworkData
{
    internal static JsonObject Of(IReadOnlyList<InstancePort> ports)
    {
        var links = new JsonArray();
        var networks = new JsonArray();
        var services = new JsonArray();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in ports)
        {
            // The tap device's name, by which nova names links too.
            var link = "tap" + port.PortId.Text[..11];
            links.Add(new JsonObject
            {
                ["id"] = link,
                ["vif_id"] = port.PortId.Text,
                ["type"] = "bridge",
                ["mtu"] = port.Mtu,
                ["ethernet_mac_address"] = port.MacAddress,
            });
            foreach (var address in port.Addresses)
            {
                networks.Add(Network(port, address, link, networks.Count));
                foreach (var server in address.DnsServers.Where(seen.Add))
                    services.Add(Dns(server));
            }
        }

        return new() { ["links"] = links, ["networks"] = networks, ["services"] = services };
    }

    private static JsonObject Network(InstancePort port, InstanceAddress address, string link, int number)
    {
        var network = new JsonObject
        {
            ["id"] = $"network{number}",
            ["type"] = address switch
            {
                { Ipv6AddressMode: { } mode } => "ipv6_" + mode,
                { DhcpEnabled: true } => $"ipv{address.IpVersion}_dhcp",
                _ => $"ipv{address.IpVersion}",
            },
            ["link"] = link,
            ["network_id"] = port.NetworkId.Text,
        };
        if (address is { DhcpEnabled: true, Ipv6AddressMode: null })
            return network;
        var routes = new JsonArray();
        if (address.GatewayIp is { } gateway)
            routes.Add(Route(address.IpVersion == 4 ? "0.0.0.0/0" : "::/0", gateway));
        foreach (var route in address.HostRoutes)
            routes.Add(Route(route.Destination, route.NextHop));
        network["ip_address"] = address.IpAddress;
        network["netmask"] = Mask(IPNetwork.Parse(address.Cidr));
        network["routes"] = routes;
        network["services"] = new JsonArray([.. address.DnsServers.Select(Dns)]);
        return network;
    }

    private static JsonObject Route(string destination, string gateway)
    {
        var cidr = IPNetwork.Parse(destination);
        return new() { ["network"] = cidr.BaseAddress.ToString(), ["netmask"] = Mask(cidr), ["gateway"] = gateway };
    }

    private static JsonNode Dns(string server) => new JsonObject { ["type"] = "dns", ["address"] = server };

    private static string Mask(IPNetwork network)
    {
        var bytes = new byte[network.BaseAddress.GetAddressBytes().Length];
        for (var bit = 0; bit < network.PrefixLength; bit++)
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes).ToString();
    }
}
