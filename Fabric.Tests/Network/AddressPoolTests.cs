using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;
using FsCheck.Fluent;

namespace Fabric.Tests.Network;

public sealed class AddressPoolTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    private enum Deed
    {
        Take,
        TakeOne,
        GiveBack,
        Forget,
    }

    [Fact]
    public void An_address_never_has_two_holders_whatever_is_asked_in_whatever_order()
    {
        var deeds = from deed in Pick.OneOf(Deed.Take, Deed.Take, Deed.TakeOne, Deed.GiveBack, Deed.Forget)
                    from port in Pick.Number(0, 9)
                    from host in Pick.Number(0, 17)
                    select (deed, port, host);
        Always.Holds(Pick.ListOf(deeds, 60), Replay);
    }

    [Fact]
    public void A_full_pool_says_so_and_a_freed_address_is_given_out_last()
    {
        var network = Network("10.0.0.0/29");
        var pool = new AddressPool();
        var ports = Enumerable.Range(0, 5).Select(static _ => PortId.New()).ToArray();
        var given = ports.Select(port => pool.Allocate(Request(port), network)[0].IpAddress).ToArray();
        Assert.Equal(["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"], given);
        Assert.Equal("IpAddressGenerationFailure", Assert.Throws<Fault>(() => pool.Allocate(Request(PortId.New()), network)).Type);
        pool.Settle(ports[1], []);
        pool.Settle(ports[3], []);
        Assert.Equal("10.0.0.3", pool.Allocate(Request(PortId.New()), network)[0].IpAddress);
        Assert.Equal("10.0.0.5", pool.Allocate(Request(PortId.New()), network)[0].IpAddress);
    }

    [Fact]
    public void The_same_port_asked_again_has_the_same_address()
    {
        var network = Network("10.0.0.0/24");
        var pool = new AddressPool();
        var port = PortId.New();
        Assert.Equal(pool.Allocate(Request(port), network), pool.Allocate(Request(port), network));
    }

    [Fact]
    public void A_port_gets_one_address_of_each_version_and_makes_its_own_where_the_prefix_is_announced()
    {
        var network = Network("10.0.0.0/24");
        network = network.With(SubnetRules.Create(SubnetId.New(), new()
        {
            ProjectId = network.ProjectId,
            IpVersion = 6,
            Cidr = "2001:db8::/64",
            Ipv6AddressMode = "slaac",
            Ipv6RaMode = "slaac",
        }, network, Now), Now);
        var got = new AddressPool().Allocate(Request(PortId.New()) with { MacAddress = "fa:16:3e:01:02:03" }, network);
        Assert.Equal(["10.0.0.2", "2001:db8::f816:3eff:fe01:203"], got.Select(static ip => ip.IpAddress));
    }

    [Theory]
    [InlineData("10.0.0.0", "InvalidIpForNetwork")]
    [InlineData("10.0.0.255", "InvalidIpForNetwork")]
    [InlineData("10.0.1.5", "InvalidIpForNetwork")]
    public void An_address_that_no_host_of_the_subnet_can_have_is_refused(string address, string fault)
    {
        var request = Request(PortId.New()) with { Addresses = [new(null, address)] };
        Assert.Equal(fault, Assert.Throws<Fault>(() => new AddressPool().Allocate(request, Network("10.0.0.0/24"))).Type);
    }

    [Fact]
    public void When_one_of_two_addresses_is_taken_the_port_gets_neither()
    {
        var network = Network("10.0.0.0/24");
        var pool = new AddressPool();
        pool.Allocate(Request(PortId.New()) with { Addresses = [new(null, "10.0.0.9")] }, network);
        var port = PortId.New();
        var both = Request(port) with { Addresses = [new(null, "10.0.0.8"), new(null, "10.0.0.9")] };
        Assert.Equal("IpAddressInUse", Assert.Throws<Fault>(() => pool.Allocate(both, network)).Type);
        Assert.Empty(pool.Of(port));
    }

    /// <summary>The slow, obvious model: a table from address to holder. The pool must agree with it on who has what.</summary>
    private static void Replay(List<(Deed Deed, int Port, int Host)> deeds)
    {
        var network = Network("10.0.0.0/28");
        var pool = new AddressPool();
        var ports = Enumerable.Range(0, 10).Select(static _ => PortId.New()).ToArray();
        var model = new Dictionary<string, PortId>();
        foreach (var (deed, at, host) in deeds)
        {
            var port = ports[at];
            var before = model.Where(entry => entry.Value == port).Select(static entry => entry.Key).ToHashSet();
            switch (deed)
            {
                case Deed.Forget:
                    // What a crash does: a pool made anew from the ports' records.
                    var fresh = pool.Renewed();
                    foreach (var each in ports)
                        fresh.Settle(each, pool.Of(each));
                    pool = fresh;
                    break;
                case Deed.GiveBack:
                    pool.Settle(port, []);
                    before.ToList().ForEach(address => model.Remove(address));
                    break;
                default:
                    Take(pool, network, port, deed == Deed.TakeOne ? $"10.0.0.{host}" : null, before, model);
                    break;
            }

            foreach (var each in ports)
                Assert.Equal(model.Where(entry => entry.Value == each).Select(static e => e.Key).Order(), pool.Of(each)
                    .Select(static a => a.IpAddress).Order());
        }
    }

    private static void Take(AddressPool pool, NetworkState network, PortId port, string? wanted, HashSet<string> had, Dictionary<string,
        PortId> model)
    {
        var request = Request(port) with { Addresses = wanted is null ? null : [new(null, wanted)] };
        try
        {
            foreach (var got in pool.Allocate(request, network))
            {
                Assert.True(!model.TryGetValue(got.IpAddress, out var holder) || holder == port, $"{got.IpAddress} was given out twice");
                model[got.IpAddress] = port;
            }
        }
        catch (Fault fault) when (fault.Type == "IpAddressInUse")
        {
            Assert.NotEqual(port, model[wanted!]);
        }
        catch (Fault fault) when (fault.Type == "IpAddressGenerationFailure")
        {
            // The pool is .2 to .14: .1 is the gateway's.
            Assert.Empty(had);
            Assert.True(Enumerable.Range(2, 13).All(host => model.ContainsKey($"10.0.0.{host}")), "the pool was not full");
        }
        catch (Fault fault) when (fault.Type == "InvalidIpForNetwork")
        {
            Assert.Contains(wanted, (string?[])["10.0.0.0", "10.0.0.15", "10.0.0.16", "10.0.0.17"]);
        }
    }

    private static AddressRequest Request(PortId port) => new() { PortId = port, MacAddress = "fa:16:3e:00:00:01", DeviceOwner = "" };

    private static NetworkState Network(string cidr)
    {
        var network = new NetworkState { Id = NetworkId.New(), ProjectId = new("p") };
        return network.With(SubnetRules.Create(SubnetId.New(), new() { ProjectId = network.ProjectId, IpVersion = 4, Cidr = cidr },
            network, Now), Now);
    }
}
