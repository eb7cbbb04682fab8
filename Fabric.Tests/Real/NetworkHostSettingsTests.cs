using Fabric.Tests.Drivers;

namespace Fabric.Tests.Real;

/// <summary>What a driver changes of the host's own kernel settings, and leaves behind.</summary>
public sealed class NetworkHostSettingsTests
{
    private const string Forwarding = "/proc/sys/net/ipv4/ip_forward";
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task Cleanup_by_a_later_agent_puts_back_what_the_first_one_changed()
    {
        await using var lab = await NetworkLab.Start();
        await NetworkLab.Run(lab.Host, "sh", "-c", $"echo 0 > {Forwarding}");
        await using (var first = lab.Driver())
        {
            await first.Apply(Sample.Whole(1), default);
        }

        Assert.Equal("1", await Forwards(lab));
        await using (var second = lab.Driver())
        {
            await second.Apply(Sample.Whole(2), default);
        }

        await using var last = lab.Driver();
        await last.Cleanup(default);

        Assert.Equal("0", await Forwards(lab));
    }

    [SkippableFact]
    public async Task A_host_that_forwarded_before_still_does_after_cleanup()
    {
        await using var lab = await NetworkLab.Start();
        await NetworkLab.Run(lab.Host, "sh", "-c", $"echo 1 > {Forwarding}");
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);

        await driver.Cleanup(default);

        Assert.Equal("1", await Forwards(lab));
    }

    [SkippableFact]
    public async Task A_host_without_an_external_network_forwards_nothing()
    {
        await using var lab = await NetworkLab.Start();
        await NetworkLab.Run(lab.Host, "sh", "-c", $"echo 0 > {Forwarding}");
        await using var driver = lab.Driver();

        var router = Sample.GuestRouter() with { Gateway = null };
        await driver.Apply(Sample.Whole(1) with { Networks = [Sample.InsideNetwork()], Routers = [router] }, default);

        Assert.Equal("0", await Forwards(lab));
    }

    private static async Task<string> Forwards(NetworkLab lab) => (await NetworkLab.Run(lab.Host, "cat", Forwarding)).Trim();
}
