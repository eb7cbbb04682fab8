using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary>What a page of servers needs from others: addresses and security groups from networking, the hosts' health. Read in a
/// fixed number of questions whatever the page's length, and none that the page does not need.</summary>
internal sealed class ServerFacts
{
    private static readonly IReadOnlyDictionary<InstanceId, IReadOnlyList<InstancePort>> NoPorts =
        new Dictionary<InstanceId, IReadOnlyList<InstancePort>>();

    private IReadOnlyDictionary<InstanceId, IReadOnlyList<InstancePort>> ports = NoPorts;
    private IReadOnlyDictionary<SecurityGroupId, string> groups = new Dictionary<SecurityGroupId, string>();
    private Dictionary<string, HypervisorState> hosts = [];
    private DateTimeOffset now;

    /// <summary>Nothing known: for lists without details.</summary>
    internal static ServerFacts None { get; } = new();

    /// <summary>Reads what these servers need.</summary>
    internal static async Task<ServerFacts> Of(Call call, params IReadOnlyList<InstanceState> servers)
    {
        var facts = new ServerFacts { now = call.Get<TimeProvider>().GetUtcNow() };
        InstanceId[] connected = [.. servers.Where(static server => server.Nics.Count > 0).Select(static server => server.Id)];
        if (connected.Length > 0)
        {
            var networks = call.Get<IInstanceNetworks>();
            facts.ports = await networks.PortsOf(connected, call.Aborted);
            SecurityGroupId[] ids =
                [.. facts.ports.Values.SelectMany(static all => all).SelectMany(static port => port.SecurityGroups).Distinct()];
            if (ids.Length > 0)
                facts.groups = await networks.SecurityGroupNames(ids, call.Aborted);
        }

        if (call.Microversion >= "2.16" && call.Allows(ServerPolicies.ShowHostStatus))
        {
            string[] names = [.. servers.Select(static server => server.NodeName).OfType<string>().Distinct(StringComparer.Ordinal)];
            var found = names.Length == 0
                ? []
                : await call.Get<IResourceIndex>().List<HypervisorState>(new(HypervisorState.Kind) { Names = names }, call.Aborted);
            facts.hosts = found.ToDictionary(static host => host.Inventory.NodeName, StringComparer.Ordinal);
        }

        return facts;
    }

    /// <summary>The server's cards, in the guest's order.</summary>
    internal IReadOnlyList<InstancePort> PortsOf(InstanceState server) => ports.GetValueOrDefault(server.Id) ?? [];

    /// <summary>Names of the security groups of its cards.</summary>
    internal IReadOnlyList<string> GroupsOf(InstanceState server) =>
    [
        .. PortsOf(server).SelectMany(static port => port.SecurityGroups).Select(id => groups.GetValueOrDefault(id) ?? id.Text),
    ];

    /// <summary>Ids and names of the security groups of its cards, each once.</summary>
    internal IEnumerable<(SecurityGroupId Id, string Name)> GroupsById(InstanceState server) => PortsOf(server)
        .SelectMany(static port => port.SecurityGroups).Distinct().Select(id => (id, groups.GetValueOrDefault(id) ?? id.Text));

    /// <summary><c>UP</c>, <c>DOWN</c>, <c>MAINTENANCE</c>, <c>UNKNOWN</c>, or nothing for a server without a host.</summary>
    internal string HostStatus(InstanceState server) => server.NodeName is not { } name
        ? ""
        : !hosts.TryGetValue(name, out var host) ? "UNKNOWN" : host.Disabled ? "MAINTENANCE" : host.IsUp(now) ? "UP" : "DOWN";

    /// <summary><c>addresses</c>, by the networks' names; empty while the server is being built, as nova has it.</summary>
    internal void WriteAddresses(Utf8JsonWriter json, InstanceState server, bool extended)
    {
        json.WriteStartObject("addresses");
        if (server.VmState != VmState.Building)
        {
            foreach (var network in PortsOf(server).GroupBy(static port => port.NetworkName, StringComparer.Ordinal))
                WriteNetwork(json, network, extended);
        }

        json.WriteEndObject();
    }

    /// <summary>One network's addresses: fixed ones, then floating ones.</summary>
    internal static void WriteNetwork(Utf8JsonWriter json, IGrouping<string, InstancePort> network, bool extended)
    {
        json.WriteStartArray(network.Key);
        foreach (var port in network)
        {
            foreach (var address in port.Addresses)
                WriteAddress(json, address.IpAddress, "fixed", port, extended);
        }

        foreach (var port in network)
        {
            foreach (var floating in port.Addresses.SelectMany(static address => address.FloatingIps))
                WriteAddress(json, floating, "floating", port, extended);
        }

        json.WriteEndArray();
    }

    private static void WriteAddress(Utf8JsonWriter json, string address, string type, InstancePort port, bool extended)
    {
        json.WriteStartObject();
        json.WriteNumber("version", address.Contains(':', StringComparison.Ordinal) ? 6 : 4);
        json.WriteString("addr", address);
        if (extended)
        {
            json.WriteString("OS-EXT-IPS:type", type);
            json.WriteString("OS-EXT-IPS-MAC:mac_addr", port.MacAddress);
        }

        json.WriteEndObject();
    }
}
