using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Network;

/// <summary><c>/agents</c>: what each node does for networking, as the agents that OpenStack's clients know. The node is one program; it
/// is alive or not.</summary>
internal static class AgentEndpoints
{
    private const string Dhcp = "DHCP agent";
    private const string L3 = "L3 agent";

    private static readonly Resource Agents = new(
        "agent",
        "agents",
        Attribute.Shown("agent_type"),
        Attribute.Shown("binary"),
        Attribute.Shown("topic"),
        Attribute.Shown("host"),
        Attribute.Shown("alive", sortable: false),
        Attribute.Shown("admin_state_up"),
        Attribute.Shown("availability_zone"),
        Attribute.Shown("heartbeat_timestamp"));

    private static readonly (string Type, string Binary, string Topic)[] Kinds =
    [
        ("Linux bridge agent", "neutron-linuxbridge-agent", "N/A"),
        (Dhcp, "neutron-dhcp-agent", "dhcp_agent"),
        (L3, "neutron-l3-agent", "l3_agent"),
        ("Metadata agent", "neutron-metadata-agent", "N/A"),
    ];

    internal static async Task<IResult> List(Call call) =>
        ResourceList.Reply(call, Agents, call.Allows(NetworkPolicies.GetAgent) ? await All(call) : [], NetworkFaults.AgentNotFound);

    internal static async Task<IResult> Show(Call call) => Reply.Json(new { agent = (await Find(call, call.Path("id"))).Chosen(call) });

    /// <summary><c>GET /networks/{id}/dhcp-agents</c>: the nodes whose guests the network has, or any while it has none.</summary>
    internal static async Task<IResult> DhcpAgents(Call call)
    {
        var network = await Visible.Network(call, call.Path("id"));
        var ports = await call.Get<IResourceIndex>()
            .List<PortState>(new ResourceQuery(PortState.Kind).WithRef(PortState.NetworkRef, network.Id.Text), call.Aborted);
        var hosts = ports.Select(static port => port.HostId).OfType<string>().ToHashSet();
        var agents = (await All(call)).Where(agent => network.HasDhcp && (string)agent["agent_type"]! == Dhcp
            && Serves(hosts, (string)agent["host"]!));
        return Reply.Json(new { agents = agents.ToArray() });
    }

    /// <summary><c>GET /routers/{id}/l3-agents</c></summary>
    internal static async Task<IResult> L3Agents(Call call)
    {
        var router = await Visible.Router(call, call.Path("id"));
        var agents = (await All(call)).Where(agent => (string)agent["agent_type"]! == L3 && (string)agent["host"]! == router.NodeName);
        return Reply.Json(new { agents = agents.ToArray() });
    }

    /// <summary><c>GET /agents/{id}/dhcp-networks</c></summary>
    internal static async Task<IResult> DhcpNetworks(Call call)
    {
        var agent = await Find(call, call.Path("id"));
        var index = call.Get<IResourceIndex>();
        // All ports are read: that a network has no guest anywhere, and so is any node's, no index can tell.
        var ports = await index.List<PortState>(new(PortState.Kind), call.Aborted);
        var hosts = ports.Where(static port => port.HostId is not null)
            .ToLookup(static port => port.NetworkId, static port => port.HostId!);
        var networks = (await index.List<NetworkState>(new(NetworkState.Kind), call.Aborted)).Where(network =>
            (string)agent["agent_type"]! == Dhcp && network.HasDhcp && Serves([.. hosts[network.Id]], (string)agent["host"]!));
        return Reply.Json(new { networks = networks.Select(static network => NetworkBodies.Of(network, provider: true)).ToArray() });
    }

    /// <summary><c>GET /agents/{id}/l3-routers</c></summary>
    internal static async Task<IResult> L3Routers(Call call)
    {
        var agent = await Find(call, call.Path("id"));
        var routers = await call.Get<IResourceIndex>()
            .List<RouterState>(new ResourceQuery(RouterState.Kind).WithRef(RouterState.NodeRef, (string)agent["host"]!), call.Aborted);
        return Reply.Json(new { routers = routers.Select(static router => RouterBodies.Of(router, ha: true)).ToArray() });
    }

    /// <summary>Both lists, of a network's agents and of an agent's networks, must say the same.</summary>
    private static bool Serves(HashSet<string> hosts, string host) => hosts.Count == 0 || hosts.Contains(host);

    private static async Task<Body> Find(Call call, string id) =>
        call.Allows(NetworkPolicies.GetAgent) && (await All(call)).FirstOrDefault(agent => (string)agent["id"]! == id) is { } found
            ? found
            : throw NetworkFaults.AgentNotFound(id);

    private static async Task<IReadOnlyList<Body>> All(Call call)
    {
        var nodes = await call.Get<IResourceIndex>().List<HypervisorState>(new(HypervisorState.Kind), call.Aborted);
        var now = call.Get<TimeProvider>().GetUtcNow();
        return [.. nodes.SelectMany(node => Kinds.Select(kind => Of(node, kind, now)))];
    }

    private static Body Of(HypervisorState node, (string Type, string Binary, string Topic) kind, DateTimeOffset now) => new()
    {
        ["id"] = HypervisorAgents.IdOf(kind.Type, node.Inventory.NodeName).ToString(),
        ["agent_type"] = kind.Type,
        ["binary"] = kind.Binary,
        ["topic"] = kind.Topic,
        ["host"] = node.Inventory.NodeName,
        ["admin_state_up"] = true,
        ["created_at"] = Time(node.CreatedAt),
        ["started_at"] = Time(node.CreatedAt),
        ["heartbeat_timestamp"] = Time(node.LastSeenAt),
        ["description"] = null,
        ["resources_synced"] = null,
        ["availability_zone"] = kind.Type is Dhcp or L3 ? node.AvailabilityZone : null,
        ["alive"] = node.IsUp(now),
        ["configurations"] = new Dictionary<string, object>(),
    };

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
