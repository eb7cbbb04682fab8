using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

public sealed class NetworkIpv6RenderersTests
{
    private static readonly NetworkSamples Sample = new(1);

    [Theory]
    [InlineData("slaac")]
    [InlineData("dhcpv6-stateful")]
    [InlineData("dhcpv6-stateless")]
    [InlineData(null)]
    public void What_a_router_advertises_is_as_agreed(string? mode)
    {
        var whole = Sample.WholeDual(1, mode);

        Golden.Match($"NetworkRadvd-{mode ?? "none"}.conf", RadvdConfig.Render(whole.Routers[0], Networks(whole)));
    }

    [Theory]
    [InlineData("dhcpv6-stateful")]
    [InlineData("dhcpv6-stateless")]
    public void The_files_of_dnsmasq_are_as_agreed(string mode)
    {
        var network = Sample.Dual(mode);
        network = network with
        {
            DhcpHosts =
            [
                .. network.DhcpHosts.Select(host => host.PortId == Sample.PortA
                    ? host with { Options = [new("bootfile-name", "a.efi", 4), new("59", "http://boot.example/a", 6)] }
                    : host with { Options = [new("client-id", "01:02:03", 4)] }),
                new(Sample.PortB, NetworkSamples.MacB, "2001:db8:8::b0b", Sample.Subnet(7), "vm-b"),
            ],
        };

        var files = DnsmasqConfig.Render(network, "/state/dhcp/x");

        Golden.Match(
            $"NetworkDnsmasq-{mode}.txt", $"{files.Conf}-- hosts\n{files.Hosts}-- options\n{files.Options}-- names\n{files.Names}");
    }

    [Fact]
    public void A_router_that_is_off_or_without_ipv6_advertises_nothing()
    {
        var whole = Sample.WholeDual(1);

        Assert.Empty(RadvdConfig.Render(whole.Routers[0] with { AdminStateUp = false }, Networks(whole)));
        Assert.Empty(RadvdConfig.Render(Sample.GuestRouter(), Networks(whole)));
    }

    [Theory]
    [InlineData("bootfile-name", "a\ndhcp-script=/bin/sh", "tag:port-0001000a00a,option:bootfile-name,a\n")]
    [InlineData("67", "b", "tag:port-0001000a00a,67,b\n")]
    [InlineData("tag:ipxe,67", "c", "tag:port-0001000a00a,tag:ipxe,67,c\n")]
    [InlineData("tag:!ipxe,bootfile-name", "d", "tag:port-0001000a00a,tag:!ipxe,option:bootfile-name,d\n")]
    [InlineData("router", "", "tag:port-0001000a00a,option:router\n")]
    [InlineData("set:x\n67", "e", "")]
    [InlineData("a b", "f", "")]
    [InlineData("67", "g\u0001", "")]
    public void An_option_of_a_port_is_one_line_and_its_own_name(string name, string value, string line)
    {
        var network = Sample.InsideNetwork();
        network = network with { DhcpHosts = [network.DhcpHosts[0] with { Options = [new(name, value, 4)] }] };

        var plain = DnsmasqConfig.Render(Sample.InsideNetwork(), "/state").Options;

        Assert.Equal(plain + line, DnsmasqConfig.Render(network, "/state").Options);
    }

    [Fact]
    public void A_client_identifier_that_would_be_more_than_one_word_is_left_out()
    {
        var network = Sample.InsideNetwork();
        network = network with { DhcpHosts = [network.DhcpHosts[0] with { Options = [new("client-id", "x,10.8.0.99", 4)] }] };

        Assert.Equal("fa:16:3e:00:00:0a,vm-a,10.8.0.10\n", DnsmasqConfig.Render(network, "/state").Hosts);
    }

    private static Dictionary<NetworkId, DesiredNetwork> Networks(DesiredNetworking whole) =>
        whole.Networks.ToDictionary(network => network.Id);
}
