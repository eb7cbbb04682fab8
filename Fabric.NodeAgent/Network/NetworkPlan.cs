using System.Globalization;
using Fabric.Grains.Kernel;

namespace Fabric.NodeAgent.Network;

/// <summary>What is known of the host before a plan is made.</summary>
/// <param name="Host">The devices of the host's namespace.</param>
/// <param name="Tag">The mark of our data directory.</param>
/// <param name="Namespaces">All named namespaces on the machine.</param>
/// <param name="OwnNamespaces">Those among them that we have made.</param>
internal sealed record HostFacts(ObservedHost Host, string Tag, IReadOnlySet<string> Namespaces, IReadOnlySet<string> OwnNamespaces);

/// <summary>The way from the host as it is to the host as it should be; pure. Empty when nothing is to be done.</summary>
/// <param name="NamespacesToRemove">Together with what runs in them.</param>
/// <param name="NamespacesToAdd">Before the commands are run.</param>
/// <param name="Commands">For <c>ip -batch</c> in the host's namespace, in this order.</param>
/// <param name="NamespacesToConfigure">Those of which it is not certain that they are completely as wanted.</param>
/// <param name="Zones">The conntrack zone of each bridge, also of those that stay.</param>
/// <param name="NewBridges">Bridges that the commands make.</param>
internal sealed record NetworkPlan(
    IReadOnlyList<string> NamespacesToRemove,
    IReadOnlyList<string> NamespacesToAdd,
    IReadOnlyList<string[]> Commands,
    IReadOnlyList<NamespaceTarget> NamespacesToConfigure,
    IReadOnlyDictionary<string, int> Zones,
    IReadOnlyList<string> NewBridges)
{
    /// <summary>Tunnels of which it is not certain that they have the entries they should.</summary>
    internal IReadOnlyList<TunnelTarget> TunnelsToConfigure { get; init; } = [];

    /// <summary>Plans.</summary>
    /// <param name="layout">What is wanted.</param>
    /// <param name="facts">What is there.</param>
    /// <param name="ensured">Bridges that guests need already though <paramref name="layout"/> may not know their networks yet.</param>
    /// <param name="evict">True: bridges go although guests are plugged into them.</param>
    internal static NetworkPlan Make(HostLayout layout, HostFacts facts, IReadOnlyList<BridgeTarget> ensured, bool evict = false) =>
        new Planner(layout, facts, ensured, evict).Plan();

    /// <summary>Plans one bridge, and nothing else.</summary>
    internal static NetworkPlan MakeBridge(BridgeTarget bridge, HostFacts facts) => 
        new Planner(HostLayout.Empty, facts, [bridge], evict: false).PlanBridge(bridge);

    /// <summary>The commands that mark a namespace's legs with its configuration, to be run when all of it was applied.</summary>
    internal static IEnumerable<string[]> Commit(NamespaceTarget target, string tag) =>
        target.Legs.Select(leg => (string[])["link", "set", "dev", leg.Outer, "alias", Alias(target, tag, target.Hash).ToString()]);

    /// <summary>The command that marks a tunnel as complete.</summary>
    internal static string[] Commit(TunnelTarget target, string tag) =>
        ["link", "set", "dev", target.Name, "alias", Alias(target, tag, target.Hash).ToString()];

    private static DeviceAlias Alias(NamespaceTarget target, string tag, string value) => new(tag, target.Role, target.Owner, value);

    private static DeviceAlias Alias(TunnelTarget target, string tag, string value) =>
        new(tag, DeviceAlias.TunnelRole, target.Network.Text, value);

    private sealed class Planner(HostLayout layout, HostFacts facts, IReadOnlyList<BridgeTarget> ensured, bool evict)
    {
        private const string Unfinished = "-";
        private const string PeerValue = "peer";

        private readonly List<string[]> _commands = [];
        private readonly Dictionary<string, int> _zones = new(StringComparer.Ordinal);
        private readonly List<string> _newBridges = [];
        private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);

        internal NetworkPlan Plan()
        {
            var wanted = layout.Namespaces.Select(target => target.Name).ToHashSet(StringComparer.Ordinal);
            var remove = facts.OwnNamespaces.Where(name => !wanted.Contains(name)).Order(StringComparer.Ordinal).ToList();
            var add = layout.Namespaces.Select(target => target.Name).Where(name => !facts.Namespaces.Contains(name)).ToList();
            IReadOnlyList<BridgeTarget> bridges = [.. layout.Bridges.Concat(ensured).DistinctBy(bridge => bridge.Name)];

            RemoveLegs(add.ToHashSet(StringComparer.Ordinal));
            RemoveBridges(bridges);
            foreach (var bridge in bridges)
                EnsureBridge(bridge);

            foreach (var leg in layout.HostLegs)
                EnsureHostLeg(leg);

            var configure = layout.Namespaces.Where(EnsureLegs).ToList();
            var tunnels = layout.Tunnels.Where(EnsureTunnel).ToList();
            PlugTaps();
            return new(remove, add, _commands, configure, _zones, _newBridges) { TunnelsToConfigure = tunnels };
        }

        internal NetworkPlan PlanBridge(BridgeTarget bridge)
        {
            EnsureBridge(bridge);
            return new([], [], _commands, [], _zones, _newBridges);
        }

        private void RemoveLegs(HashSet<string> lostNamespaces)
        {
            // The other end of a leg into a namespace that is gone cannot be reached any more: both are made anew.
            var wanted = layout.Namespaces.Where(target => !lostNamespaces.Contains(target.Name)).SelectMany(target => target.Legs)
                .Select(leg => leg.Outer).Concat(layout.HostLegs.Select(leg => leg.Name))
                .Concat(layout.Tunnels.Select(tunnel => tunnel.Name)).ToHashSet(StringComparer.Ordinal);
            foreach (var link in facts.Host.Ours(facts.Tag).OrderBy(link => link.Name, StringComparer.Ordinal))
                if (link.Alias!.Role != DeviceAlias.BridgeRole && link.Alias.Value != PeerValue && !wanted.Contains(link.Name))
                    Delete(link.Name);
        }

        private void RemoveBridges(IReadOnlyList<BridgeTarget> bridges)
        {
            var wanted = bridges.Select(bridge => bridge.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var link in facts.Host.Ours(facts.Tag).OrderBy(link => link.Name, StringComparer.Ordinal))
                if (link.Alias!.Role == DeviceAlias.BridgeRole && !wanted.Contains(link.Name) && (evict || !HasTaps(link.Name)))
                    Delete(link.Name);
        }

        private void EnsureBridge(BridgeTarget bridge)
        {
            if (Find(bridge.Name) is not { } link)
            {
                _newBridges.Add(bridge.Name);
                Add("link", "add", "name", bridge.Name, "mtu", Number(bridge.Mtu), "type", "bridge", "stp_state", "0", "forward_delay", "0",
                    "mcast_snooping", "0");
                link = null;
            }
            else if (bridge.Mtu > 0 && link.Mtu != bridge.Mtu)
            {
                Add("link", "set", "dev", bridge.Name, "mtu", Number(bridge.Mtu));
            }

            // The zone must never change under guests: connections live in it.
            var zone = link?.Alias is { } alias && int.TryParse(alias.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var old)
                ? old
                : FreeZone();
            _zones[bridge.Name] = zone;
            var wanted = new DeviceAlias(facts.Tag, DeviceAlias.BridgeRole, bridge.Network.Text, Number(zone));
            if (link?.Alias != wanted)
                Add("link", "set", "dev", bridge.Name, "alias", wanted.ToString(), "addrgenmode", "none");

            if (link is not { Up: true })
                Add("link", "set", "dev", bridge.Name, "up");

            if (bridge.Device is { } device && facts.Host.Links.TryGetValue(device, out var physical) && physical.Master != bridge.Name)
                Add("link", "set", "dev", device, "master", bridge.Name, "up");
        }

        private int FreeZone()
        {
            var taken = facts.Host.Ours(facts.Tag)
                .Where(link => link.Alias!.Role == DeviceAlias.BridgeRole)
                .Select(link => link.Alias!.Value)
                .Concat(_zones.Values.Select(Number))
                .ToHashSet(StringComparer.Ordinal);
            return Enumerable.Range(1, ushort.MaxValue).First(zone => !taken.Contains(Number(zone)));
        }

        private void EnsureHostLeg(HostLegTarget leg)
        {
            var link = Find(leg.Name);
            if (link is null)
                Add([.. Veth(leg.Name, leg.Peer, leg.Mtu)]);

            var alias = new DeviceAlias(facts.Tag, DeviceAlias.HostRole, leg.Network.Text, Unfinished);
            Dress(leg.Peer, link is null ? null : Find(leg.Peer), alias with { Value = PeerValue }, leg.Bridge, leg.Mtu);
            Dress(leg.Name, link, alias, null, leg.Mtu);
            foreach (var address in (link?.Addresses ?? []).Except(leg.Addresses))
                Add("address", "delete", address, "dev", leg.Name);

            // Nobody else can have the address (the API gave it to this host), so it need not be probed for duplicates first.
            foreach (var address in leg.Addresses.Except(link?.Addresses ?? []))
                Add(["address", "add", address, "dev", leg.Name, .. address.Contains(':') ? (string[])["nodad"] : []]);
        }

        /// <summary>The outer ends; true when something behind them may not be as wanted.</summary>
        private bool EnsureLegs(NamespaceTarget target)
        {
            var configure = !facts.Namespaces.Contains(target.Name);
            foreach (var leg in target.Legs)
            {
                var link = Find(leg.Outer);
                if (link is { Alias: null })
                {
                    // Half made: the other end may be anywhere.
                    Delete(leg.Outer);
                    link = null;
                }

                if (link is null)
                    Add([.. Veth(leg.Outer, leg.Inner, leg.Mtu), "address", leg.Mac, "netns", target.Name]);

                // The mark goes before anything behind it changes: after a death in between it must not stand for what is not there.
                var complete = Alias(target, facts.Tag, target.Hash);
                configure |= link?.Alias != complete;
                Dress(leg.Outer, link, link?.Alias == complete ? complete : complete with { Value = Unfinished }, leg.Bridge, leg.Mtu);
            }

            return configure;
        }

        /// <summary>The device; true when its entries may not be as wanted.</summary>
        private bool EnsureTunnel(TunnelTarget target)
        {
            var link = Find(target.Name);
            if (link is not null && link.Tunnel != new ObservedTunnel(target.Vni, target.Local, TunnelTarget.Port, Learns: true))
            {
                // None of that can be changed on a device that is there.
                Delete(target.Name);
                link = null;
            }

            if (link is null)
                Add("link", "add", "name", target.Name, "mtu", Number(target.Mtu), "type", "vxlan", "id", Number(target.Vni),
                    "local", target.Local, "dstport", Number(TunnelTarget.Port), "learning");

            var complete = Alias(target, facts.Tag, target.Hash);
            var isComplete = link?.Alias == complete;
            Dress(target.Name, link, isComplete ? complete : complete with { Value = Unfinished }, target.Bridge, target.Mtu);
            return !isComplete;
        }

        private void Dress(string name, ObservedLink? link, DeviceAlias alias, string? bridge, int mtu)
        {
            List<string> set = [];
            if (link?.Alias != alias)
                set.AddRange(["alias", alias.ToString()]);

            if (link is not null && link.Mtu != mtu)
                set.AddRange(["mtu", Number(mtu)]);

            if (bridge is not null && (link is null || link.Master != bridge || _deleted.Contains(bridge)))
                set.AddRange(link is null ? ["addrgenmode", "none", "master", bridge] : ["master", bridge]);

            if (link is not { Up: true })
                set.Add("up");

            if (set.Count > 0)
                Add(["link", "set", "dev", name, .. set]);
        }

        /// <summary>Guests whose bridge had to be made anew under them.</summary>
        private void PlugTaps()
        {
            foreach (var port in layout.Ports)
                if (Find(DeviceNames.Tap(port.Id)) is { } tap && tap.Master != DeviceNames.Bridge(port.NetworkId)
                    && _zones.ContainsKey(DeviceNames.Bridge(port.NetworkId)))
                    Add("link", "set", "dev", tap.Name, "master", DeviceNames.Bridge(port.NetworkId));
        }

        /// <summary>A device of that name, if it is ours or nobody's. One without a mark is what a death between two commands
        /// left.</summary>
        private ObservedLink? Find(string name)
        {
            if (_deleted.Contains(name) || !facts.Host.Links.TryGetValue(name, out var link))
                return null;

            return link.Alias is null || link.Alias.Tag == facts.Tag
                ? link
                : throw new InvalidOperationException($"The device {name} belongs to another cloud on this machine ({link.Alias}).");
        }

        private bool HasTaps(string bridge) => facts.Host.Links.Values.Any(
            link => link.Master == bridge && link.Name.StartsWith(DeviceNames.TapPrefix, StringComparison.Ordinal));

        private static string[] Veth(string name, string peer, int mtu) =>
            ["link", "add", "name", name, "mtu", Number(mtu), "type", "veth", "peer", "name", peer, "mtu", Number(mtu)];

        private void Delete(string name)
        {
            _deleted.Add(name);
            Add("link", "delete", "dev", name);
        }

        private void Add(params string[] command) => _commands.Add(command);

        private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>The way to a namespace's wanted inside; pure.</summary>
/// <param name="Commands">For <c>ip -batch</c> within the namespace.</param>
/// <param name="Announce">Addresses that are new on their device.</param>
internal sealed record NamespacePlan(
    IReadOnlyList<string[]> Commands, IReadOnlyList<(LegTarget Leg, IReadOnlyList<string> Addresses)> Announce)
{
    internal static NamespacePlan Make(NamespaceTarget target, ObservedNamespace observed)
    {
        List<string[]> commands = [];
        List<(LegTarget, IReadOnlyList<string>)> announce = [];
        if (observed.Host.Links.GetValueOrDefault("lo") is not { Up: true })
            commands.Add(["link", "set", "dev", "lo", "up"]);

        foreach (var leg in target.Legs)
        {
            var link = observed.Host.Links.GetValueOrDefault(leg.Inner);
            if (link is null || link.Mac != leg.Mac || link.Mtu != leg.Mtu)
                commands.Add(["link", "set", "dev", leg.Inner, "address", leg.Mac, "mtu", leg.Mtu.ToString(CultureInfo.InvariantCulture)]);

            foreach (var address in (link?.Addresses ?? []).Except(leg.Addresses))
                commands.Add(["address", "delete", address, "dev", leg.Inner]);

            var added = leg.Addresses.Except(link?.Addresses ?? []).ToList();
            commands.AddRange(added.Select(address => (string[])["address", "add", address, "dev", leg.Inner]));
            if (link is not { Up: true })
                commands.Add(["link", "set", "dev", leg.Inner, "up"]);

            if (leg.Announce && added.Count > 0)
                announce.Add((leg, added));
        }

        commands.AddRange(observed.Routes.Except(target.Routes)
            .Where(route => target.Routes.All(other => other.Destination != route.Destination))
            .Select(route => (string[])["route", "delete", route.Destination]));

        // The kernel drops routes with the address they lean on, so any change may have taken some.
        if (commands.Count > 0 || !observed.Routes.SetEquals(target.Routes))
            commands.AddRange(target.Routes.Select(route => (string[])["route", "replace", route.Destination, "via", route.Via]));

        return new(commands, announce);
    }
}
