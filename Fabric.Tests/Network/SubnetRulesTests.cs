using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;
using FsCheck.Fluent;

namespace Fabric.Tests.Network;

public sealed class SubnetRulesTests
{
    private static readonly NetworkState Empty = new() { Id = NetworkId.New(), ProjectId = new("p") };

    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.1", "10.0.0.2-10.0.0.254")]
    [InlineData("10.0.0.0/24", "10.0.0.254", "10.0.0.1-10.0.0.253")]
    [InlineData("10.0.0.0/24", "10.0.0.7", "10.0.0.1-10.0.0.6 10.0.0.8-10.0.0.254")]
    [InlineData("10.0.0.0/24", null, "10.0.0.1-10.0.0.254")]
    [InlineData("10.0.0.0/31", null, "10.0.0.0-10.0.0.1")]
    [InlineData("2001:db8::/64", "2001:db8::1", "2001:db8::2-2001:db8::ffff:ffff:ffff:ffff")]
    public void The_default_pools_are_all_hosts_but_the_gateway(string cidr, string? gateway, string pools) =>
        Assert.Equal(pools, string.Join(' ', SubnetRules.DefaultPools(Cidr.Parse(cidr), gateway)
            .Select(static pool => $"{pool.Start}-{pool.End}")));

    [Fact]
    public void No_pool_holds_the_gateway_the_network_or_the_broadcast_address()
    {
        var inputs = from length in Pick.Number(16, 30) from host in Pick.Number(0, 65_535) select (length, host);
        Always.Holds(inputs, static input =>
        {
            var cidr = Cidr.Parse($"172.16.0.0/{input.length}");
            var gateway = cidr.First.Plus((UInt128)(input.host % (1 << (32 - input.length))));
            var pools = SubnetRules.DefaultPools(cidr, gateway.ToString()).Select(SubnetRules.ToRange).ToArray();
            Assert.DoesNotContain(pools, pool => pool.Contains(gateway) || pool.Contains(cidr.First) || pool.Contains(cidr.Last));
            var hosts = (UInt128)(1 << (32 - input.length)) - 2 - (cidr.IsHost(gateway) ? (UInt128)1 : 0);
            Assert.Equal(hosts, pools.Aggregate(UInt128.Zero, static (sum, pool) => sum + pool.Count));
        });
    }

    [Theory]
    [InlineData("10.0.0.0/31", 4, null, "incompatible with DHCP")]
    [InlineData("224.0.0.0/24", 4, null, "Multicast IP subnet is not supported if enable_dhcp is True")]
    [InlineData("127.0.0.0/24", 4, null, "Loopback IP subnet is not supported if enable_dhcp is True")]
    [InlineData("10.0.0.0/24", 6, null, "cidr '10.0.0.0/24' does not match the ip_version '6'")]
    [InlineData("10.0.0.0/24", 4, "10.0.0.255", "Gateway is not valid on subnet")]
    [InlineData("10.0.0.0/24", 4, "2001:db8::1", "gateway_ip '2001:db8::1' does not match the ip_version '4'")]
    public void A_subnet_that_makes_no_sense_is_refused_in_neutrons_words(string cidr, int version, string? gateway, string words)
    {
        var fault = Assert.Throws<Fault>(() =>
            Create(Empty, new() { ProjectId = new("p"), Cidr = cidr, IpVersion = version, GatewayIp = gateway }));
        Assert.Equal("InvalidInput", fault.Type);
        Assert.Contains(words, fault.Message);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.9", "GatewayConflictWithAllocationPools")]
    [InlineData("10.0.0.9", "10.0.0.5", "InvalidAllocationPool")]
    [InlineData("10.0.0.9", "10.0.1.5", "OutOfBoundsAllocationPool")]
    public void An_allocation_pool_lies_in_its_subnet_beside_the_gateway(string start, string end, string fault) =>
        Assert.Equal(fault, Assert.Throws<Fault>(() => Create(Empty, Plain() with { AllocationPools = [new(start, end)] })).Type);

    [Fact]
    public void Two_pools_that_share_an_address_are_refused() =>
        Assert.Equal("OverlappingAllocationPools", Assert.Throws<Fault>(() => Create(Empty, Plain() with
        {
            AllocationPools = [new("10.0.0.10", "10.0.0.20"), new("10.0.0.20", "10.0.0.30")],
        })).Type);

    [Fact]
    public void A_second_subnet_that_overlaps_the_first_is_refused()
    {
        var network = Empty.With(Create(Empty, Plain()), DateTimeOffset.UnixEpoch);
        var fault = Assert.Throws<Fault>(() => Create(network, Plain() with { Cidr = "10.0.0.128/25" }));
        Assert.Contains("overlaps with another subnet", fault.Message);
    }

    private static CreateSubnet Plain() => new() { ProjectId = new("p"), Cidr = "10.0.0.0/24", IpVersion = 4 };

    private static SubnetState Create(NetworkState network, CreateSubnet request) =>
        SubnetRules.Create(SubnetId.New(), request, network, DateTimeOffset.UnixEpoch);
}
