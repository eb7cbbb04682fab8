using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;

namespace Fabric.Tests.Real;

/// <summary>What DHCP tells guests besides their address, as udhcpc hears it.</summary>
public sealed class NetworkDhcpTests
{
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task A_port_is_handed_its_own_options_before_its_subnets_and_no_other_port_is()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await Apply(
            driver, 1, new("bootfile-name", "pxelinux.0", 4), new("66", "192.0.2.66", 4), new("dns-server", "192.0.2.99", 4),
            new("59", "http://six", 6));
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);

        var ofA = await lab.Lease(a);
        Assert.Equal("pxelinux.0", ofA["bootfile"]);
        Assert.Equal("192.0.2.66", ofA["tftp"]);
        Assert.Equal("192.0.2.99", ofA["dns"]);
        var ofB = await lab.Lease(b);
        Assert.False(ofB.ContainsKey("bootfile"), "b got what is a's");
        Assert.Equal("192.0.2.53 192.0.2.54", ofB["dns"]);

        await Apply(driver, 2);
        Assert.Equal("192.0.2.53 192.0.2.54", (await lab.Lease(a))["dns"]);
    }

    [SkippableFact]
    public async Task Leases_that_were_given_survive_what_is_read_again()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1, "dhcpv6-stateful", "2001:db8:8::10", "2001:db8:8::11");
        var network = whole.Networks[0] with
        {
            DhcpHosts = [.. whole.Networks[0].DhcpHosts.Select(host => host with { Options = [new("66", "192.0.2.66", 4)] })],
        };
        await driver.Apply(whole with { Networks = [network, .. whole.Networks.Skip(1)] }, default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await lab.Lease(a);
        await LabDhcpv6.Lease(a, NetworkSamples.MacA);
        var pid = await Pid(lab);

        // Another name for b, and other name servers, are read again by the same process.
        network = network with
        {
            DhcpHosts = [.. network.DhcpHosts.Select(host => host.PortId == Sample.PortB ? host with { HostName = "renamed" } : host)],
            Subnets = [.. network.Subnets.Select(subnet => subnet with { DnsServers = [] })],
        };
        await driver.Apply(whole with { Generation = 2, Networks = [network, .. whole.Networks.Skip(1)] }, default);

        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        Assert.Equal("renamed", (await lab.Lease(b))["hostname"]);
        Assert.Equal("10.8.0.2", (await lab.Lease(a))["dns"]);
        Assert.Equal("2001:db8:8::10", (await LabDhcpv6.Lease(a, NetworkSamples.MacA)).Address);
        Assert.Equal(pid, await Pid(lab));
    }

    [SkippableFact]
    public async Task An_option_that_dnsmasq_does_not_know_harms_nobody()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await Apply(driver, 1, new("no-such-option", "x", 4), new("router", "not an address", 4), new("66", "192.0.2.66", 4));
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);

        Assert.Equal("192.0.2.66", (await lab.Lease(a))["tftp"]);
        Assert.Equal("10.8.0.11", (await lab.Lease(b))["ip"]);
    }

    [SkippableFact]
    public async Task A_guest_resolves_its_neighbours_names_in_both_versions()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.WholeDual(1), default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await lab.Lease(a);

        Assert.Contains("10.8.0.11", await Lookup(a, "vm-b.openstacklocal"), StringComparison.Ordinal);
        Assert.Contains(NetworkIpv6Samples.AddressB, await Lookup(a, "vm-b.openstacklocal"), StringComparison.Ordinal);
        Assert.Contains("vm-b.openstacklocal", await Lookup(a, "10.8.0.11"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_subnet_without_dhcp_leases_nothing_and_one_that_gets_it_does()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        var off = whole.Networks[0] with { Subnets = [whole.Networks[0].Subnets[0] with { DhcpEnabled = false, DhcpAddress = null }] };
        await driver.Apply(whole with { Networks = [off with { DhcpHosts = [], DhcpMacAddress = null }, whole.Networks[1]] }, default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        Assert.False(await NetworkLab.Works(a, "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-t", "2", "-T", "1", "-s", "/bin/true"));

        await driver.Apply(Sample.Whole(2), default);
        Assert.Equal("10.8.0.10", (await lab.Lease(a))["ip"]);
    }

    [SkippableFact]
    public async Task A_subnet_may_hand_out_no_name_server_and_no_gateway()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        var subnet = whole.Networks[0].Subnets[0] with { DnsServers = ["0.0.0.0"], GatewayIp = null };
        await driver.Apply(whole with { Networks = [whole.Networks[0] with { Subnets = [subnet] }, whole.Networks[1]] }, default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);

        var lease = await lab.Lease(a);

        Assert.False(lease.ContainsKey("dns"), "a name server was handed out");
        Assert.False(lease.ContainsKey("router"), "a gateway was handed out");
        Assert.Equal("169.254.169.254/32 10.8.0.2 203.0.113.0/24 10.8.0.9", lease["staticroutes"]);
    }

    private static async Task<string> Pid(NetworkLab lab) =>
        (await File.ReadAllTextAsync(Path.Combine(lab.State, "dhcp", Sample.Inside.Text, "pid"))).Trim();

    private static Task<string> Lookup(string guest, string name) => NetworkLab.Run(guest, "busybox", "nslookup", name, "10.8.0.2");

    private static Task Apply(INetworkDriver driver, long generation, params DesiredDhcpOption[] options)
    {
        var whole = Sample.Whole(generation);
        var hosts = whole.Networks[0].DhcpHosts;
        var network = whole.Networks[0] with { DhcpHosts = [hosts[0] with { Options = options }, hosts[1]] };
        return driver.Apply(whole with { Networks = [network, whole.Networks[1]] }, default);
    }
}
