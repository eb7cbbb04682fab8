using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class DhcpOptionApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task Options_are_given_and_changed_one_by_one()
    {
        var (network, _) = await demo.MakeNetwork("options-1");
        var port = await demo.Make("ports", new
        {
            network_id = network,
            extra_dhcp_opts = new object[]
            {
                new { opt_name = "bootfile-name", opt_value = "pxelinux.0" },
                new { opt_name = "tftp-server", opt_value = "192.0.2.9", ip_version = 4 },
                new { opt_name = "59", opt_value = "http://boot", ip_version = "6" },
                new { opt_name = "router", opt_value = "" },
                new { opt_name = "server-ip-address", opt_value = (string?)null },
            },
        });
        Assert.Equal(
            ["bootfile-name=pxelinux.0/4", "tftp-server=192.0.2.9/4", "59=http://boot/6", "router=/4"], Options(port));

        var changed = await demo.Change("ports", port.Id(), new
        {
            extra_dhcp_opts = new object[]
            {
                new { opt_name = "tftp-server", opt_value = (string?)null },
                new { opt_name = "bootfile-name", opt_value = "grub.0" },
                new { opt_name = "59", opt_value = "v4", ip_version = 4 },
            },
        });
        Assert.Equal(["bootfile-name=grub.0/4", "59=http://boot/6", "router=/4", "59=v4/4"], Options(changed));

        Assert.Equal(4, Options(await demo.Change("ports", port.Id(), new { extra_dhcp_opts = Array.Empty<object>() })).Length);
    }

    [Theory]
    [InlineData("""{"opt_name": "bootfile-name"}""")]
    [InlineData("""{"opt_value": "x"}""")]
    [InlineData("""{"opt_name": "", "opt_value": "x"}""")]
    [InlineData("""{"opt_name": "bootfile-name", "opt_value": ""}""")]
    [InlineData("""{"opt_name": "bootfile-name", "opt_value": " "}""")]
    [InlineData("""{"opt_name": "bootfile-name", "opt_value": "a\nb"}""")]
    [InlineData("""{"opt_name": "bootfile\nname", "opt_value": "a"}""")]
    [InlineData("""{"opt_name": "bootfile-name", "opt_value": 7}""")]
    [InlineData("""{"opt_name": "bootfile-name", "opt_value": "x", "ip_version": 5}""")]
    [InlineData("""{"opt_name": "bootfile-name", "opt_value": "x", "more": 1}""")]
    [InlineData("7")]
    public async Task An_option_that_makes_no_sense_is_refused_in_neutrons_words(string option)
    {
        var (network, _) = await demo.MakeNetwork("options-2");
        var error = await demo.Make(
            "ports", new { network_id = network, extra_dhcp_opts = new[] { JsonDocument.Parse(option).RootElement } }, 400);
        Assert.Equal("InvalidInput", error.Text("type"));
        Assert.StartsWith("Invalid input for operation: No valid key specs matched for: ", error.Text("message"));
    }

    [Fact]
    public async Task The_same_option_twice_is_refused()
    {
        var (network, _) = await demo.MakeNetwork("options-3");
        var option = new { opt_name = "bootfile-name", opt_value = "x" };
        var error = await demo.Make("ports", new { network_id = network, extra_dhcp_opts = new[] { option, option } }, 400);
        Assert.Contains("Duplicate items in the list", error.Text("message"));
    }

    private static string[] Options(JsonElement port) => [.. port.GetProperty("extra_dhcp_opts").EnumerateArray().Select(static option =>
        $"{option.Text("opt_name")}={option.Text("opt_value")}/{option.GetProperty("ip_version").GetInt32()}")];
}
