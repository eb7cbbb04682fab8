using System.Net;
using Fabric.Tests.Drivers;

namespace Fabric.Tests.Real;

/// <summary>What a guest cannot send to its neighbours, whatever its security groups allow: frames as they would be forged, and the
/// neighbour's card as the judge.</summary>
public sealed class NetworkGuardTests
{
    private const string Everyone = "33:33:00:00:00:01";
    private const string LinkLocalA = "fe80::f816:3eff:fe00:a";
    private const string LinkLocalB = "fe80::f816:3eff:fe00:b";
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    private static byte[] Honest => LabFrames.Arp(NetworkSamples.MacB, NetworkSamples.MacB, "10.8.0.11");

    [SkippableTheory]
    [InlineData("10.8.0.1")]
    [InlineData("10.8.0.10")]
    [InlineData("10.8.0.99")]
    public Task A_guest_cannot_claim_anothers_address_by_arp(string ip) =>
        IsDropped(LabFrames.Arp(NetworkSamples.MacB, NetworkSamples.MacB, ip));

    [SkippableFact]
    public Task A_guest_cannot_answer_arp_under_anothers_mac() =>
        IsDropped(LabFrames.Arp(NetworkSamples.MacB, NetworkSamples.MacA, "10.8.0.10"));

    [SkippableFact]
    public Task A_guest_cannot_offer_dhcp_leases() => IsDropped(
        LabFrames.Udp(NetworkSamples.MacB, "ff:ff:ff:ff:ff:ff", "10.8.0.11", "255.255.255.255", 67, 68));

    [SkippableFact]
    public Task A_guest_cannot_offer_dhcpv6_leases() => IsDropped(
        LabFrames.Udp(NetworkSamples.MacB, NetworkSamples.MacA, LinkLocalB, LinkLocalA, 547, 546));

    [SkippableFact]
    public Task A_guest_cannot_advertise_itself_as_a_router() => IsDropped(
        LabFrames.Icmp6(NetworkSamples.MacB, Everyone, LinkLocalB, "ff02::1", 134, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0));

    [SkippableFact]
    public Task A_guest_cannot_send_redirects() => IsDropped(LabFrames.Icmp6(
        NetworkSamples.MacB, NetworkSamples.MacA, LinkLocalB, LinkLocalA, 137,
        [0, 0, 0, 0, .. IPAddress.Parse(LinkLocalB).GetAddressBytes(), .. IPAddress.Parse("2001:db8::1").GetAddressBytes()]));

    [SkippableTheory]
    [InlineData(NetworkIpv6Samples.RouterLinkLocal)]
    [InlineData(NetworkIpv6Samples.AddressA)]
    [InlineData(LinkLocalA)]
    public Task A_guest_cannot_claim_anothers_address_by_neighbour_advertisement(string target) =>
        IsDropped(LabFrames.Neighbor(NetworkSamples.MacB, LinkLocalB, target));

    [SkippableTheory]
    [InlineData("2001:db8:8::99")]
    [InlineData(NetworkIpv6Samples.AddressA)]
    [InlineData(NetworkIpv6Samples.RouterLinkLocal)]
    public Task A_guest_cannot_send_from_anothers_ipv6_address(string source) =>
        IsDropped(LabFrames.Udp(NetworkSamples.MacB, NetworkSamples.MacA, source, NetworkIpv6Samples.AddressA, 5000, 53));

    [SkippableTheory]
    [InlineData(LinkLocalB)]
    [InlineData(NetworkIpv6Samples.AddressB)]
    public async Task A_guest_tells_neighbours_of_its_own_addresses(string target)
    {
        await using var lab = await NetworkLab.Start();
        Assert.True(await Passes(lab, LabFrames.Neighbor(NetworkSamples.MacB, LinkLocalB, target)));
    }

    [SkippableTheory]
    [InlineData("2001:db8:8::90/124", "2001:db8:8::99", true)]
    [InlineData("2001:db8:8::90/124", "2001:db8:8::a0", false)]
    [InlineData("2001:db8:8::99", "2001:db8:8::99", true)]
    [InlineData("::/0", NetworkIpv6Samples.RouterLinkLocal, true)]
    public async Task A_guest_tells_neighbours_of_what_its_address_pairs_allow(string pair, string target, bool passes)
    {
        await using var lab = await NetworkLab.Start();
        Assert.Equal(passes, await Passes(lab, LabFrames.Neighbor(NetworkSamples.MacB, LinkLocalB, target), pair: pair));
    }

    [SkippableFact]
    public async Task Without_port_security_a_guest_may_be_a_router()
    {
        await using var lab = await NetworkLab.Start();
        var advert = LabFrames.Icmp6(NetworkSamples.MacB, Everyone, LinkLocalB, "ff02::1", 134, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0);
        Assert.True(await Passes(lab, advert, portSecurity: false));
    }

    private static async Task IsDropped(byte[] frame)
    {
        await using var lab = await NetworkLab.Start();
        Assert.False(await Passes(lab, frame), "the forged frame arrived");
    }

    private static async Task<bool> Passes(NetworkLab lab, byte[] frame, bool portSecurity = true, string? pair = null)
    {
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1);
        var sender = whole.Ports[1] with
        {
            PortSecurity = portSecurity,
            AllowedAddressPairs = pair is null ? [] : [new(NetworkSamples.MacB, pair)],
        };
        await driver.Apply(
            whole with
            {
                Ports = [whole.Ports[0] with { PortSecurity = false }, sender],
                Routers = [],
            },
            default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        using var received = await LabFrames.Of(a);
        return await received.Passes(b, frame, Honest);
    }
}
