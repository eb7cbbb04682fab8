using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>
/// The addresses of one network and who has them. In memory only: it is made from the ports' records and chooses so that no two ports get
/// one address;
/// the records' unique keys guard it once more. A freed address is given out again last, because neighbours remember for a while who had
/// it.
/// </summary>
internal sealed class AddressPool
{
    private readonly Dictionary<Ip, PortId> holders = [];
    private readonly Dictionary<PortId, List<FixedIp>> held = [];
    private readonly Dictionary<SubnetId, Ip> cursors;

    /// <summary>A pool of which nothing is taken.</summary>
    public AddressPool()
        : this([])
    {
    }

    private AddressPool(Dictionary<SubnetId, Ip> cursors) => this.cursors = cursors;

    /// <summary>An empty pool that goes on choosing where this one stands.</summary>
    public AddressPool Renewed() => new(new(cursors));

    /// <summary>The ports that have an address, recorded or not yet.</summary>
    public IEnumerable<PortId> Ports => held.Keys;

    /// <summary>The addresses of a port.</summary>
    public IReadOnlyList<FixedIp> Of(PortId port) => held.TryGetValue(port, out var addresses) ? [.. addresses] : [];

    /// <summary>The port that has the address, recorded or not yet; null when none has.</summary>
    public PortId? HolderOf(Ip address) => holders.TryGetValue(address, out var port) ? port : null;

    /// <summary>Whether a port has an address in the subnet.</summary>
    public bool IsUsed(SubnetId subnet, Func<PortId, bool> counts) =>
        held.Any(entry => counts(entry.Key) && entry.Value.Exists(address => address.SubnetId == subnet));

    /// <summary>Gives the port what it asks for, all or nothing; what it has already and still wants stays its own.</summary>
    /// <exception cref="Fault">Conflict or BadRequest, in Neutron's words.</exception>
    public IReadOnlyList<FixedIp> Allocate(AddressRequest request, NetworkState network)
    {
        if (request.Addresses is null && held.TryGetValue(request.PortId, out var had) && had.Count > 0)
            return [.. had];
        var chosen = new List<FixedIp>();
        var mine = new HashSet<Ip>();
        if (request.Addresses is null)
            ChooseFreely(request, network, chosen, mine);
        else
            ChooseAsked(request, network, chosen, mine);
        if (!held.TryGetValue(request.PortId, out var list))
            held[request.PortId] = list = [];
        foreach (var address in chosen)
        {
            holders[Ip.Parse(address.IpAddress)] = request.PortId;
            if (!list.Contains(address))
                list.Add(address);
        }

        return chosen;
    }

    /// <summary>The port has these addresses and no others.</summary>
    public void Settle(PortId port, IReadOnlyList<FixedIp> addresses)
    {
        if (held.Remove(port, out var before))
        {
            foreach (var address in before)
            {
                var ip = Ip.Parse(address.IpAddress);
                if (holders.GetValueOrDefault(ip) == port)
                    holders.Remove(ip);
            }
        }

        if (addresses.Count == 0)
            return;
        held[port] = [.. addresses];
        foreach (var address in addresses)
            holders[Ip.Parse(address.IpAddress)] = port;
    }

    private void ChooseFreely(AddressRequest request, NetworkState network, List<FixedIp> chosen, HashSet<Ip> mine)
    {
        var usable = network.Subnets.Where(subnet => Serves(subnet, request.DeviceOwner)).ToArray();
        foreach (var version in (int[])[4, 6])
        {
            var subnets = Array.FindAll(usable, subnet => subnet.IpVersion == version && !subnet.IsAutoAddress);
            if (subnets.Length == 0)
                continue;
            var found = subnets.Select(subnet => Next(subnet, mine)).FirstOrDefault(static address => address is not null)
                ?? throw (subnets.Length == network.Subnets.Count && subnets.Length == 1
                    ? NetworkFaults.NoMoreAddresses(network.Id)
                    : NetworkFaults.NoMoreAddressesOnSubnets(subnets.Select(static subnet => subnet.Id)));
            chosen.Add(found);
        }

        foreach (var subnet in usable.Where(static subnet => subnet.IsAutoAddress))
            chosen.Add(Own(subnet, request, network, mine));
    }

    private void ChooseAsked(AddressRequest request, NetworkState network, List<FixedIp> chosen, HashSet<Ip> mine)
    {
        if (request.Addresses!.Count > 0 && network.Subnets.Count == 0)
            throw NetworkFaults.InvalidInput("IP allocation requires subnets for network");
        foreach (var wanted in request.Addresses.Where(static wanted => wanted.IpAddress is not null))
            chosen.Add(Exactly(wanted, request, network, mine));
        var kept = Of(request.PortId).Where(address => !chosen.Contains(address)).ToList();
        foreach (var wanted in request.Addresses.Where(static wanted => wanted.IpAddress is null))
        {
            var subnet = FindSubnet(wanted.SubnetId, network);
            if (subnet.IsAutoAddress && request.DeviceOwner != DeviceOwners.RouterInterface)
            {
                chosen.Add(Own(subnet, request, network, mine));
                continue;
            }

            var reuse = kept.Find(address => address.SubnetId == subnet.Id);
            if (reuse is not null)
                kept.Remove(reuse);
            chosen.Add(reuse ?? Next(subnet, mine) ?? throw NetworkFaults.NoMoreAddresses(network.Id));
        }

        // A guest makes these addresses whatever was asked for: the advertisement goes to the whole network.
        if (request.Addresses.Count > 0 && request.DeviceOwner is not (DeviceOwners.RouterInterface or DeviceOwners.FloatingIp))
        {
            foreach (var subnet in network.Subnets.Where(subnet => subnet.IsAutoAddress && Serves(subnet, request.DeviceOwner)
                && !chosen.Exists(address => address.SubnetId == subnet.Id)))
                chosen.Add(Own(subnet, request, network, mine));
        }
    }

    private FixedIp Exactly(FixedIpRequest wanted, AddressRequest request, NetworkState network, HashSet<Ip> mine)
    {
        var ip = Ip.Parse(wanted.IpAddress!);
        var isRouter = DeviceOwners.Routers.Contains(request.DeviceOwner);
        SubnetState? subnet;
        if (wanted.SubnetId is not null)
        {
            subnet = FindSubnet(wanted.SubnetId, network);
            if (!Fits(subnet, ip, isRouter))
                throw NetworkFaults.InvalidIpForSubnet(wanted.IpAddress!);
        }
        else
        {
            subnet = network.Subnets.FirstOrDefault(candidate => Fits(candidate, ip, isRouter))
                ?? throw NetworkFaults.InvalidIpForNetwork(wanted.IpAddress!);
        }

        if (subnet.IsAutoAddress && !isRouter && ip != MacAddresses.Eui64(Cidr.Parse(subnet.Cidr), request.MacAddress))
        {
            throw NetworkFaults.InvalidInput(
                $"IPv6 address {ip} can not be directly assigned to a port on subnet {subnet.Id} as the subnet is "
                + "configured for automatic addresses");
        }

        if (!mine.Add(ip) || (holders.TryGetValue(ip, out var holder) && holder != request.PortId))
            throw NetworkFaults.IpAddressInUse(network.Id, ip.ToString());
        return new(subnet.Id, ip.ToString());
    }

    private FixedIp Own(SubnetState subnet, AddressRequest request, NetworkState network, HashSet<Ip> mine)
    {
        var ip = MacAddresses.Eui64(Cidr.Parse(subnet.Cidr), request.MacAddress);
        if (!mine.Add(ip) || (holders.TryGetValue(ip, out var holder) && holder != request.PortId))
            throw NetworkFaults.IpAddressInUse(network.Id, ip.ToString());
        return new(subnet.Id, ip.ToString());
    }

    /// <summary>The next free address after the one given last; null when there is none.</summary>
    private FixedIp? Next(SubnetState subnet, HashSet<Ip> mine)
    {
        var ranges = subnet.AllocationPools.Select(SubnetRules.ToRange).ToArray();
        var after = cursors.TryGetValue(subnet.Id, out var last) ? last : (Ip?)null;
        var found = after is { } from ? Search(ranges, from.Plus(1), null, mine) ?? Search(ranges, null, from, mine)
            : Search(ranges, null, null, mine);
        if (found is not { } ip)
            return null;
        cursors[subnet.Id] = ip;
        mine.Add(ip);
        return new(subnet.Id, ip.ToString());
    }

    private Ip? Search(IpRange[] ranges, Ip? from, Ip? to, HashSet<Ip> mine)
    {
        foreach (var range in ranges)
        {
            var first = from is { } low && low > range.First ? low : range.First;
            var last = to is { } high && high < range.Last ? high : range.Last;
            for (var ip = first; ip <= last; ip = ip.Plus(1))
            {
                if (!holders.ContainsKey(ip) && !mine.Contains(ip))
                    return ip;
                if (ip == last)
                    break;
            }
        }

        return null;
    }

    private static SubnetState FindSubnet(SubnetId? id, NetworkState network)
    {
        if (id is not { } known)
            throw NetworkFaults.InvalidInput("IP allocation requires subnet_id or ip_address");
        return network.Subnet(known) ?? throw NetworkFaults.InvalidInput(
            $"Failed to create port on network {network.Id}, because fixed_ips included invalid subnet {known}");
    }

    private static bool Fits(SubnetState subnet, Ip ip, bool isRouter)
    {
        var cidr = Cidr.Parse(subnet.Cidr);
        return isRouter && ip.Version == 6 ? cidr.Contains(ip) : cidr.IsHost(ip);
    }

    internal static bool Serves(SubnetState subnet, string owner) =>
        subnet.ServiceTypes.Count == 0 || subnet.ServiceTypes.Any(type => owner.StartsWith(type, StringComparison.Ordinal));
}
