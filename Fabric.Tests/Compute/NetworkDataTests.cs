using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;

namespace Fabric.Tests.Compute;

public sealed class NetworkDataTests
{
    [Theory]
    [InlineData("slaac", true, "ipv6_slaac", true)]
    [InlineData("dhcpv6-stateful", true, "ipv6_dhcpv6-stateful", true)]
    [InlineData(null, true, "ipv6_dhcp", false)]
    [InlineData(null, false, "ipv6", true)]
    public void A_guest_is_told_how_it_comes_to_its_ipv6_address(string? mode, bool dhcp, string type, bool withAddress)
    {
        var network = NetworkData.Of([Port(mode, dhcp)])["networks"]![0]!;

        Assert.Equal(type, network["type"]!.GetValue<string>());
        Assert.Equal(withAddress ? "2001:db8::f8" : null, network["ip_address"]?.GetValue<string>());
    }

    private static InstancePort Port(string? mode, bool dhcp) => new()
    {
        PortId = PortId.New(),
        NetworkId = NetworkId.New(),
        NetworkName = "n",
        MacAddress = "fa:16:3e:00:00:01",
        Mtu = 1450,
        Status = PortStatus.Active,
        Addresses =
        [
            new()
            {
                IpAddress = "2001:db8::f8",
                SubnetId = SubnetId.New(),
                Cidr = "2001:db8::/64",
                GatewayIp = "2001:db8::1",
                DhcpEnabled = dhcp,
                Ipv6AddressMode = mode,
            },
        ],
    };
}
