using System.Net.Http.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class SecurityGroupApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task Every_project_has_a_default_group_with_neutrons_four_rules()
    {
        var group = (await demo.All("security-groups", "?name=default")).Single();
        Assert.Equal("Default security group", group.Text("description"));
        var rules = group.GetProperty("security_group_rules").EnumerateArray()
            .Select(static rule =>
                $"{rule.Text("direction")} {rule.Text("ethertype")} {rule.GetProperty("remote_group_id").GetString() is not null}").Order();
        Assert.Equal(["egress IPv4 False", "egress IPv6 False", "ingress IPv4 True", "ingress IPv6 True"], rules);
        Assert.Equal("SecurityGroupDefaultAlreadyExists", (await demo.Make("security-groups", new { name = "Default" }, 409)).Text("type"));
        Assert.Equal("SecurityGroupCannotUpdateDefault", (await demo.Change("security-groups", group.Id(), new { name = "x" }, 409))
            .Text("type"));
        await demo.Remove("security-groups", group.Id(), 409);
    }

    [Fact]
    public async Task A_rule_is_added_once_shown_and_taken_away()
    {
        var group = (await demo.Make("security-groups", new { name = "web" })).Id();
        var wanted = new { security_group_id = group, direction = "ingress", protocol = "TCP", port_range_min = 80, port_range_max = "80" };
        var rule = await demo.Make("security-group-rules", wanted);
        Assert.Equal("tcp", rule.Text("protocol"));
        var error = await demo.Make("security-group-rules", wanted with { protocol = "6" }, 409);
        Assert.Equal("SecurityGroupRuleExists", error.Text("type"));
        Assert.Equal($"Security group rule already exists. Rule id is {rule.Id()}.", error.Text("message"));
        Assert.Equal(3, (await demo.All("security-group-rules", $"?security_group_id={group}")).Length);
        await admin.Get($"security-group-rules/{rule.Id()}");
        await demo.Remove("security-group-rules", rule.Id());
        await demo.Remove("security-group-rules", rule.Id(), 404);
    }

    [Theory]
    [InlineData("""{"direction": "ingress", "port_range_min": 80, "port_range_max": 80}""", "SecurityGroupProtocolRequiredWithPorts")]
    [InlineData("""{"direction": "ingress", "protocol": "tcp", "port_range_min": 90, "port_range_max": 80}""",
        "SecurityGroupInvalidPortRange")]
    [InlineData("""{"direction": "ingress", "protocol": "tcp", "port_range_min": 70000}""", "SecurityGroupInvalidPortValue")]
    [InlineData("""{"direction": "ingress", "protocol": "smoke"}""", "SecurityGroupRuleInvalidProtocol")]
    [InlineData("""{"direction": "ingress", "protocol": 256}""", "SecurityGroupRuleInvalidProtocol")]
    [InlineData("""{"direction": "ingress", "protocol": "icmp", "port_range_max": 8}""", "SecurityGroupMissingIcmpType")]
    [InlineData("""{"direction": "ingress", "ethertype": "IPv5"}""", "SecurityGroupRuleInvalidEtherType")]
    [InlineData("""{"direction": "ingress", "remote_ip_prefix": "nowhere"}""", "InvalidCIDR")]
    [InlineData("""{"direction": "ingress", "remote_ip_prefix": "2001:db8::/64"}""", "SecurityGroupRuleParameterConflict")]
    [InlineData("""{"direction": "ingress", "protocol": "ipv6-icmp"}""", "SecurityGroupEthertypeConflictWithProtocol")]
    [InlineData("""{"direction": "up"}""", "HTTPBadRequest")]
    [InlineData("""{"protocol": "tcp"}""", "HTTPBadRequest")]
    public async Task A_rule_that_makes_no_sense_is_refused(string attributes, string type)
    {
        var group = (await demo.Make("security-groups", new { name = "bad" })).Id();
        var body = System.Text.Json.Nodes.JsonNode.Parse(attributes)!.AsObject();
        body["security_group_id"] = group;
        using var answer = await demo.PostAsJsonAsync($"{NetworkCalls.Root}/security-group-rules", new { security_group_rule = body });
        Assert.Equal(type, (await answer.Json(400)).GetProperty("NeutronError").Text("type"));
        await demo.Remove("security-groups", group);
    }

    [Fact]
    public async Task Rules_are_added_all_or_none()
    {
        var group = (await demo.Make("security-groups", new { name = "many" })).Id();
        var rules = new[] { 22, 80, 22 }.Select(port => new
        {
            security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = port, port_range_max = port,
        });
        using var twice = await demo.PostAsJsonAsync($"{NetworkCalls.Root}/security-group-rules", new { security_group_rules = rules });
        Assert.Equal("DuplicateSecurityGroupRuleInPost", (await twice.Json(409)).GetProperty("NeutronError").Text("type"));
        using var both = await demo.PostAsJsonAsync($"{NetworkCalls.Root}/security-group-rules",
            new { security_group_rules = rules.Take(2) });
        Assert.Equal(2, (await both.Json(201)).GetProperty("security_group_rules").GetArrayLength());
    }

    [Fact]
    public async Task A_group_of_a_port_stays_and_another_projects_group_is_not_there()
    {
        var group = (await demo.Make("security-groups", new { name = "used" })).Id();
        var (network, _) = await demo.MakeNetwork("groups");
        var port = await demo.Make("ports", new { network_id = network, security_groups = new[] { group } });
        Assert.Equal("SecurityGroupInUse", (await demo.Remove("security-groups", group, 409)).GetProperty("NeutronError").Text("type"));
        await demo.Remove("ports", port.Id());
        await demo.Remove("security-groups", group);
        var secret = (await admin.Make("security-groups", new { name = "secret" })).Id();
        await demo.Get($"security-groups/{secret}", 404);
        await demo.Make("security-group-rules", new { security_group_id = secret, direction = "ingress" }, 404);
        await demo.Make("ports", new { network_id = network, security_groups = new[] { secret } }, 404);
    }

    [Theory]
    [InlineData("bad_group_id")]
    [InlineData("0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a")]
    public async Task A_rule_about_a_group_that_is_not_there_is_not_found(string nowhere)
    {
        var group = (await demo.Make("security-groups", new { name = "lonely" })).Id();
        foreach (var (own, remote) in (List<(string, string?)>)[(group, nowhere), (nowhere, null)])
        {
            var error = (await (await demo.PostAsJsonAsync(NetworkCalls.Root + "/security-group-rules", new
            {
                security_group_rule = new { security_group_id = own, direction = "ingress", remote_group_id = remote },
            })).Json(404)).GetProperty("NeutronError");
            Assert.Equal($"Security group {nowhere} does not exist", error.Text("message"));
        }
    }
}
