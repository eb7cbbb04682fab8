using System.Net;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

public sealed class NetworkRenderersTests
{
    private static readonly NetworkSamples Sample = new(1);

    [Fact]
    public void The_ruleset_of_a_host_is_as_agreed()
    {
        var whole = Sample.Whole(1);
        List<DesiredPort> ports =
        [
            whole.Ports[0] with
            {
                AllowedAddressPairs =
                [
                    new(NetworkSamples.MacA, "10.8.0.128/25"),
                    new("fa:16:3e:00:00:99", "fd00::5"),
                    new("fa:16:3e:00:00:99", "fd00:1::/65"),
                ],
            },
            whole.Ports[1] with { IpAddresses = ["10.8.0.11", "fd00::b"] },
            whole.Ports[0] with { Id = new(Guid.Parse("00010030-00aa-4000-8000-000000000000")), PortSecurity = false },
            whole.Ports[0] with { Id = new(Guid.Parse("00010031-00aa-4000-8000-000000000000")), AdminStateUp = false },
        ];

        Golden.Match("NetworkHost.nft", Render(ports, [Cidr.Parse("198.51.100.0/24")!.Value]));
    }

    [Fact]
    public void The_ruleset_of_a_router_is_as_agreed() => Golden.Match("NetworkRouter.nft", RouterRuleset.Render(Sample.GuestRouter(
        new("198.51.100.20", "10.8.0.10"), new("198.51.100.21", "10.8.0.10"), new("198.51.100.22", "10.8.0.11"))));

    [Fact]
    public void The_files_of_dnsmasq_are_as_agreed()
    {
        var files = DnsmasqConfig.Render(Sample.InsideNetwork(), "/state/dhcp/x");

        Golden.Match("NetworkDnsmasq.txt", $"{files.Conf}-- hosts\n{files.Hosts}-- options\n{files.Options}-- names\n{files.Names}");
    }

    [Fact]
    public void A_rule_with_an_empty_remote_group_allows_nobody()
    {
        var text = RenderRule(NetworkSamples.Ingress("tcp", 80, 80, []));

        Assert.DoesNotContain("dport 80", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("carrier-pigeon", null, null)]
    [InlineData("tcp", 90, 80)]
    [InlineData("tcp", 1, 70000)]
    [InlineData("999", null, null)]
    [InlineData("tcp; accept", 80, 80)]
    public void A_rule_that_cannot_be_understood_allows_nothing(string protocol, int? min, int? max) =>
        Assert.Equal(RenderRule(NetworkSamples.Ingress("tcp", 80, 80, [])), RenderRule(NetworkSamples.Ingress(protocol, min, max)));

    [Fact]
    public void Ports_with_the_same_rules_share_their_chains()
    {
        var whole = Sample.Whole(1);
        var lists = RuleLists.Of([whole.Ports[0], whole.Ports[1] with { Rules = [.. whole.Ports[0].Rules.Reverse()] }]);

        Assert.Equal(2, lists.All.Count);
        Assert.Equal(lists.Ingress(Sample.PortA), lists.Ingress(Sample.PortB));
    }

    [Fact]
    public void A_rule_list_keeps_its_number_and_a_freed_number_rests()
    {
        var numbers = new RuleNumbers();
        var (both, one) = (RuleLists.Of(Sample.Whole(1).Ports), RuleLists.Of([Sample.Whole(1).Ports[0]]));
        var kept = numbers.Assign(both)[one.Ingress(Sample.PortA).Chain];
        numbers.Assign(one);

        var again = numbers.Assign(both);

        Assert.Equal(kept, again[one.Ingress(Sample.PortA).Chain]);
        Assert.Equal(4, again[both.Ingress(Sample.PortB).Chain]);
    }

    [Fact]
    public void Addresses_that_are_none_never_reach_the_ruleset()
    {
        var port = Sample.Whole(1).Ports[0] with { IpAddresses = ["10.8.0.10; drop", "nonsense"], MacAddress = "fa:16:3e:00:00:0a" };

        Assert.DoesNotContain("; drop", Render([port], []), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_no_host_name_is_replaced_by_one_made_from_the_address()
    {
        var network = Sample.InsideNetwork();
        network = network with { DhcpHosts = [network.DhcpHosts[0] with { HostName = "x\ndhcp-script=/bin/sh" }], DnsDomain = "a\nb" };

        var files = DnsmasqConfig.Render(network, "/state");

        Assert.Equal("fa:16:3e:00:00:0a,host-10-8-0-10,10.8.0.10\n", files.Hosts);
        Assert.DoesNotContain("domain", files.Conf, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlapping_ranges_are_merged_into_the_widest()
    {
        string[] texts = ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8", "192.0.2.7", "192.0.2.0/31", "192.0.2.6/31", "fd00::/8", "fd00::1"];

        var merged = Cidr.Merge(texts.Select(text => Cidr.Parse(text)!.Value)).Select(range => range.ToString());

        Assert.Equal(["10.0.0.0/8", "fd00::/8", "192.0.2.0/31", "192.0.2.6/31"], merged);
    }

    [Fact]
    public void A_range_keeps_no_host_bits() => Assert.Equal(new Cidr(IPAddress.Parse("10.0.0.0"), 12), Cidr.Parse("10.15.255.1/12"));

    private static Dictionary<string, int> Zones() =>
        new() { [DeviceNames.Bridge(Sample.Inside)] = 1, [DeviceNames.Bridge(Sample.Outside)] = 2 };

    private static string Render(IReadOnlyList<DesiredPort> ports, IReadOnlyList<Cidr> world)
    {
        var lists = RuleLists.Of(ports);
        return NftRuleset.Render(ports, lists, new RuleNumbers().Assign(lists), Zones(), world, []);
    }

    private static string RenderRule(DesiredRule rule) => Render([Sample.Whole(1).Ports[0] with { Rules = [rule] }], []);
}
