using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Compute;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fabric.Tests.Compute;

public sealed class ServerNetworkTests(ComputeFixture fixture) : IClassFixture<ComputeFixture>
{
    private readonly ComputeClient demo = fixture.DemoCompute;

    [Fact]
    public async Task A_server_on_a_network_has_an_address_a_group_and_leaves_nothing()
    {
        var network = await Network("private", "10.20.0.0/24");
        var id = await demo.Boot("wired", ("networks", new[] { new { uuid = network } }));
        var shown = await demo.Show(id);
        var address = shown.GetProperty("addresses").GetProperty("private")[0];
        Assert.StartsWith("10.20.0.", address.GetProperty("addr").GetString(), StringComparison.Ordinal);
        Assert.Equal("fixed", address.GetProperty("OS-EXT-IPS:type").GetString());
        Assert.Equal("""[{"name":"default"}]""", shown.GetProperty("security_groups").GetRawText());
        var card = (await demo.Do(200, "GET", $"/servers/{id}/os-interface")).GetProperty("interfaceAttachments")[0];
        Assert.Equal(network, card.GetProperty("net_id").GetString());
        Assert.Equal(address.GetProperty("addr").GetString(), card.GetProperty("fixed_ips")[0].GetProperty("ip_address").GetString());
        var ips = await demo.Do(200, "GET", $"/servers/{id}/ips/private");
        Assert.False(ips.GetProperty("private")[0].TryGetProperty("OS-EXT-IPS:type", out _));
        var found = await demo.Do(200, "GET", "/servers?ip=" + address.GetProperty("addr").GetString());
        Assert.Equal(id, found.GetProperty("servers")[0].GetProperty("id").GetString());
        var groups = await demo.Do(200, "GET", $"/servers/{id}/os-security-groups");
        Assert.Equal("default", groups.GetProperty("security_groups")[0].GetProperty("name").GetString());
        await demo.Delete(id);
        Assert.Empty((await (await fixture.Demo.GetAsync($"/networking/v2.0/ports?device_id={id}")).Json(200))
            .GetProperty("ports").EnumerateArray());
    }

    [Fact]
    public async Task A_security_group_is_put_on_a_servers_cards_and_taken_off()
    {
        var network = await Network("grouped", "10.21.0.0/24");
        var made = new { security_group = new { name = "web" } };
        var web = await (await fixture.Demo.PostAsJsonAsync("/networking/v2.0/security-groups", made)).Json(201);
        var group = web.GetProperty("security_group").GetProperty("id").GetString();
        var id = await demo.Boot("grouped", ("networks", new[] { new { uuid = network } }));
        var act = $"/servers/{id}/action";

        await demo.Do(202, "POST", act, new { addSecurityGroup = new { name = "web" } });
        await demo.Do(202, "POST", act, new { addSecurityGroup = new { name = group } });
        Assert.Equal(["default", "web"], await Groups());
        await demo.Do(202, "POST", act, new { removeSecurityGroup = new { name = "default" } });
        Assert.Equal(["web"], await Groups());

        // How the stock client finds the group that it then names by id.
        var rule = new { security_group_rule = new { security_group_id = group, direction = "ingress", protocol = "tcp" } };
        await (await fixture.Demo.PostAsJsonAsync("/networking/v2.0/security-group-rules", rule)).Json(201);
        var listed = (await demo.Do(200, "GET", "/os-security-groups", version: "2.1")).GetProperty("security_groups").EnumerateArray();
        Assert.Contains(listed, one => one.GetProperty("name").GetString() == "web");
        var web21 = await demo.Do(200, "GET", $"/os-security-groups/{group}", version: "2.1");
        var shown = web21.GetProperty("security_group").GetProperty("rules")[0];
        Assert.Equal((1, 65_535, "0.0.0.0/0"), (shown.GetProperty("from_port").GetInt32(), shown.GetProperty("to_port").GetInt32(),
            shown.GetProperty("ip_range").GetProperty("cidr").GetString()));
        Assert.Equal("Security group id should be uuid", await demo.Fails(400, "GET", "/os-security-groups/web", version: "2.1"));

        Assert.Equal($"Security group default not associated with the instance {id}",
            await demo.Fails(404, "POST", act, new { removeSecurityGroup = new { name = "default" } }));
        Assert.StartsWith("Security group nobody is not found for project",
            await demo.Fails(404, "POST", act, new { addSecurityGroup = new { name = "nobody" } }), StringComparison.Ordinal);
        Assert.Equal("Security group name cannot be empty",
            await demo.Fails(400, "POST", act, new { addSecurityGroup = new { name = " " } }));
        Assert.Equal("Security group not specified", await demo.Fails(400, "POST", act, new { addSecurityGroup = new { } }));
        Assert.Equal("Missing parameter dict", await demo.Fails(400, "POST", act, new { addSecurityGroup = "web" }));
        await demo.Delete(id);

        async Task<IEnumerable<string?>> Groups() =>
            (await demo.Do(200, "GET", $"/servers/{id}/os-security-groups")).GetProperty("security_groups").EnumerateArray()
                .Select(static one => one.GetProperty("name").GetString()).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_network_that_is_not_there_is_a_bad_request()
    {
        var body = demo.NewServer("lost", ("networks", new[] { new { uuid = "f3b7a1de-0000-4000-8000-000000000000" } }));
        Assert.Equal("Network f3b7a1de-0000-4000-8000-000000000000 could not be found.", await demo.Fails(400, "POST", "/servers", body));
    }

    [Fact]
    public async Task A_guest_reads_its_metadata_when_its_node_vouches_for_it()
    {
        var id = await demo.Boot("reader", ("metadata", new { role = "web" }));
        var project = (await demo.Show(id)).GetProperty("tenant_id").GetString()!;
        using var answer = await Ask("/openstack/latest/meta_data.json", id, project, Sign(id));
        var data = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((id, "web"), (data.GetProperty("uuid").GetString(), data.GetProperty("meta").GetProperty("role").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await Ask("/latest/meta-data/instance-id", id, project, Sign(id))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask("/latest/nothing", id, project, Sign(id))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Ask("/latest/", id, project, new string('0', 64))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask("/latest/", id, "another-project", Sign(id))).StatusCode);
        var nobody = Guid.NewGuid().ToString();
        Assert.Equal(HttpStatusCode.NotFound, (await Ask("/latest/", nobody, project, Sign(nobody))).StatusCode);
        using var bare = fixture.Cloud.Http();
        Assert.Equal(HttpStatusCode.BadRequest, (await bare.GetAsync("/metadata/latest/")).StatusCode);
        await demo.Delete(id);
    }

    private string Sign(string id)
    {
        var secret = fixture.Cloud.Services.GetRequiredService<IOptions<MetadataOptions>>().Value;
        if (secret.SharedSecret.Length == 0)
            secret.SharedSecret = "told-to-both-ends";
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.SharedSecret), Encoding.UTF8.GetBytes(id)));
    }

    private async Task<HttpResponseMessage> Ask(string path, string id, string project, string signature)
    {
        using var client = fixture.Cloud.Http();
        client.DefaultRequestHeaders.Add("X-Instance-ID", id);
        client.DefaultRequestHeaders.Add("X-Tenant-ID", project);
        client.DefaultRequestHeaders.Add("X-Instance-ID-Signature", signature);
        return await client.GetAsync("/metadata" + path);
    }

    private async Task<string> Network(string name, string cidr)
    {
        var network = (await (await fixture.Demo.PostAsJsonAsync("/networking/v2.0/networks", new { network = new { name } })).Json(201))
            .GetProperty("network").GetProperty("id").GetString()!;
        var subnet = new { subnet = new { network_id = network, ip_version = 4, cidr } };
        await (await fixture.Demo.PostAsJsonAsync("/networking/v2.0/subnets", subnet)).Json(201);
        return network;
    }
}
