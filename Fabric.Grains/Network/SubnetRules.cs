using System.Globalization;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>What a subnet may look like (source: <c>neutron/db/db_base_plugin_v2.py</c>, <c>ipam_backend_mixin.py</c>). Pure.</summary>
internal static class SubnetRules
{
    private const int MostNameservers = 5;
    private const int MostHostRoutes = 20;

    /// <summary>The subnet that a request makes on a network.</summary>
    public static SubnetState Create(SubnetId id, CreateSubnet request, NetworkState network, DateTimeOffset now)
    {
        var cidr = Cidr.Parse(request.Cidr);
        var gateway = request.NoGateway ? null : request.GatewayIp ?? cidr.First.Plus(1).ToString();
        var subnet = new SubnetState
        {
            Id = id,
            NetworkId = network.Id,
            ProjectId = request.ProjectId,
            Name = request.Name,
            Description = request.Description,
            IpVersion = request.IpVersion,
            Cidr = cidr.ToString(),
            GatewayIp = gateway,
            DnsNameservers = request.DnsNameservers,
            HostRoutes = request.HostRoutes,
            EnableDhcp = request.EnableDhcp,
            Ipv6RaMode = request.Ipv6RaMode,
            Ipv6AddressMode = request.Ipv6AddressMode,
            ServiceTypes = request.ServiceTypes,
            CreatedAt = now,
            UpdatedAt = now,
        };
        CheckVersion(request.IpVersion, cidr.Version, "cidr", request.Cidr);
        CheckDhcp(subnet, cidr);
        CheckCommon(subnet, cidr);
        CheckIpv6(subnet, cidr);
        if (cidr.PrefixLength == 0)
            throw NetworkFaults.InvalidInput("0 is not allowed as CIDR prefix length");
        if (network.Subnets.Any(other => Cidr.Parse(other.Cidr).Overlaps(cidr)))
        {
            throw NetworkFaults.InvalidInput(
                $"Requested subnet with cidr: {cidr} for network: {network.Id} overlaps with another subnet");
        }

        var pools = request.AllocationPools is { } asked ? CheckPools(asked, cidr, gateway) : DefaultPools(cidr, gateway);
        return subnet with { AllocationPools = pools };
    }

    /// <summary>The subnet as a user changed it.</summary>
    public static SubnetState Change(SubnetState subnet, SubnetChange change, DateTimeOffset now)
    {
        var cidr = Cidr.Parse(subnet.Cidr);
        var gateway = change.NoGateway ? null : change.GatewayIp ?? subnet.GatewayIp;
        var next = subnet with
        {
            Name = change.Name ?? subnet.Name,
            Description = change.Description ?? subnet.Description,
            GatewayIp = gateway,
            DnsNameservers = change.DnsNameservers ?? subnet.DnsNameservers,
            HostRoutes = change.HostRoutes ?? subnet.HostRoutes,
            EnableDhcp = change.EnableDhcp ?? subnet.EnableDhcp,
            ServiceTypes = change.ServiceTypes ?? subnet.ServiceTypes,
            Tags = change.Tags ?? subnet.Tags,
            Revision = subnet.Revision + 1,
            UpdatedAt = now,
        };
        if (next.EnableDhcp && !subnet.EnableDhcp)
            CheckDhcp(next, cidr);
        if (!next.EnableDhcp && (next.Ipv6RaMode ?? next.Ipv6AddressMode) is not null)
            throw NetworkFaults.InvalidInput("Cannot disable enable_dhcp with ipv6 attributes set");
        CheckCommon(next, cidr);
        if (change.AllocationPools is { } asked)
            return next with { AllocationPools = CheckPools(asked, cidr, gateway) };
        if (gateway is not null && gateway != subnet.GatewayIp)
            CheckGatewayOutside(Ip.Parse(gateway), [.. next.AllocationPools.Select(ToRange)]);
        return next;
    }

    /// <summary>A pool as numbers.</summary>
    public static IpRange ToRange(AllocationPool pool) => new(Ip.Parse(pool.Start), Ip.Parse(pool.End));

    /// <summary>All addresses of a block that ports may have, but the gateway's.</summary>
    public static IReadOnlyList<AllocationPool> DefaultPools(Cidr cidr, string? gateway)
    {
        var wide = cidr.PrefixLength < cidr.First.Bits - 1;
        var first = wide ? cidr.First.Plus(1) : cidr.First;
        var last = wide && cidr.Version == 4 ? cidr.Last with { Value = cidr.Last.Value - 1 } : cidr.Last;
        if (gateway is null || Ip.Parse(gateway) is var skip && (skip < first || skip > last))
            return [new(first.ToString(), last.ToString())];
        List<AllocationPool> pools = [];
        if (skip > first)
            pools.Add(new(first.ToString(), (skip with { Value = skip.Value - 1 }).ToString()));
        if (skip < last)
            pools.Add(new(skip.Plus(1).ToString(), last.ToString()));
        return pools;
    }

    private static void CheckDhcp(SubnetState subnet, Cidr cidr)
    {
        if (!subnet.EnableDhcp)
            return;
        if (cidr.PrefixLength > cidr.First.Bits - 2)
            throw NetworkFaults.InvalidInput("Subnet has a prefix length that is incompatible with DHCP service enabled");
        var lead = cidr.Version == 4 ? (int)(cidr.First.Value >> 24) : (int)(cidr.First.Value >> 120);
        if (cidr.Version == 4 ? lead is >= 224 and < 240 : lead == 0xff)
            throw NetworkFaults.InvalidInput("Multicast IP subnet is not supported if enable_dhcp is True");
        if (cidr.Version == 4 ? lead == 127 : cidr.First.Value == 1)
            throw NetworkFaults.InvalidInput("Loopback IP subnet is not supported if enable_dhcp is True");
        if (cidr.Version == 4 && cidr.First.Value == 0)
            throw NetworkFaults.InvalidInput("First IP '0.0.0.0' of network is not supported if enable_dhcp is True.");
    }

    private static void CheckCommon(SubnetState subnet, Cidr cidr)
    {
        if (subnet.GatewayIp is { } gateway)
        {
            var ip = Ip.Parse(gateway);
            CheckVersion(subnet.IpVersion, ip.Version, "gateway_ip", gateway);
            // IPv6 has no broadcast, and its first address is any router's (RFC 4291), which Neutron takes for a gateway.
            if (ip.Version == 4 && cidr.Contains(ip) && !cidr.IsHost(ip))
                throw NetworkFaults.InvalidInput("Gateway is not valid on subnet");
        }

        if (subnet.DnsNameservers.Count > MostNameservers)
            throw Exhausted("DNSNameServersExhausted", subnet, "DNS nameservers", MostNameservers);
        foreach (var server in subnet.DnsNameservers)
            CheckVersion(subnet.IpVersion, Ip.Parse(server).Version, "dns_nameserver", server);
        if (subnet.HostRoutes.Count > MostHostRoutes)
            throw Exhausted("HostRoutesExhausted", subnet, "host routes", MostHostRoutes);
        foreach (var route in subnet.HostRoutes)
        {
            CheckVersion(subnet.IpVersion, Ip.Parse(route.NextHop).Version, "nexthop", route.NextHop);
            CheckVersion(subnet.IpVersion, Cidr.Parse(route.Destination).Version, "destination", route.Destination);
        }
    }

    private static void CheckIpv6(SubnetState subnet, Cidr cidr)
    {
        if (subnet.IpVersion == 4)
        {
            if (subnet.Ipv6RaMode is not null)
                throw NetworkFaults.InvalidInput("ipv6_ra_mode is not valid when ip_version is 4");
            if (subnet.Ipv6AddressMode is not null)
                throw NetworkFaults.InvalidInput("ipv6_address_mode is not valid when ip_version is 4");
            return;
        }

        if ((subnet.Ipv6RaMode ?? subnet.Ipv6AddressMode) is not null && !subnet.EnableDhcp)
            throw NetworkFaults.InvalidInput("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
        if (subnet is { Ipv6RaMode: { } ra, Ipv6AddressMode: { } address } && ra != address)
        {
            throw NetworkFaults.InvalidInput($"ipv6_ra_mode set to '{ra}' with ipv6_address_mode set to '{address}' is not valid. "
                + "If both attributes are set, they must be the same value");
        }

        if (subnet.IsAutoAddress && cidr.PrefixLength != 64)
        {
            throw NetworkFaults.InvalidInput($"Invalid CIDR {cidr} for IPv6 address mode. OpenStack uses the EUI-64 address format, "
                + "which requires the prefix to be /64");
        }
    }

    private static IReadOnlyList<AllocationPool> CheckPools(IReadOnlyList<AllocationPool> pools, Cidr cidr, string? gateway)
    {
        var ranges = new List<IpRange>(pools.Count);
        foreach (var pool in pools)
        {
            if (!Ip.TryParse(pool.Start, out var first) || !Ip.TryParse(pool.End, out var last) || first.Version != last.Version
                || first > last)
                throw Fault.BadRequest("InvalidAllocationPool",
                    $"The allocation pool {{'start': '{pool.Start}', 'end': '{pool.End}'}} is not valid.");
            var range = new IpRange(first, last);
            if (first.Version != cidr.Version)
                throw Fault.BadRequest("InvalidAllocationPool", $"The allocation pool {range} is not valid.");
            if (!cidr.IsHost(first) || !cidr.IsHost(last))
                throw Fault.BadRequest("OutOfBoundsAllocationPool", $"The allocation pool {range} spans beyond the subnet cidr {cidr}.");
            if (ranges.Find(range.Overlaps) is { First.Version: not 0 } other)
            {
                throw Fault.Conflict("OverlappingAllocationPools",
                    $"Found overlapping allocation pools: {other} {range} for subnet {cidr}.");
            }

            ranges.Add(range);
        }

        if (gateway is not null)
            CheckGatewayOutside(Ip.Parse(gateway), ranges);
        return [.. ranges.Select(static range => new AllocationPool(range.First.ToString(), range.Last.ToString()))];
    }

    private static void CheckGatewayOutside(Ip gateway, IReadOnlyList<IpRange> pools)
    {
        foreach (var pool in pools)
        {
            if (pool.Contains(gateway))
                throw Fault.Conflict("GatewayConflictWithAllocationPools", $"Gateway ip {gateway} conflicts with allocation pool {pool}.");
        }
    }

    private static void CheckVersion(int wanted, int version, string name, string address)
    {
        if (wanted != version)
            throw NetworkFaults.InvalidInput($"{name} '{address}' does not match the ip_version '{wanted}'");
    }

    private static Fault Exhausted(string type, SubnetState subnet, string what, int limit) => Fault.BadRequest(type, string.Create(
        CultureInfo.InvariantCulture, $"Unable to complete operation for {subnet.Id}. The number of {what} exceeds the limit {limit}."));
}
