using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

public sealed class FlavorApiTests(ComputeFixture fixture) : IClassFixture<ComputeFixture>
{
    private readonly ComputeClient admin = fixture.AdminCompute;
    private readonly ComputeClient demo = fixture.DemoCompute;

    [Theory]
    [InlineData("2.1")]
    [InlineData("2.55")]
    [InlineData("2.61")]
    [InlineData("2.75")]
    public async Task Each_version_has_its_fields(string version)
    {
        var shown = (await demo.Do(200, "GET", "/flavors/tiny", version: version)).GetProperty("flavor");
        var text = JsonSerializer.Serialize(shown, new JsonSerializerOptions { WriteIndented = true });
        Golden.Match($"flavor-{version}.json", text.Replace(fixture.Cloud.Address.ToString(), "http://cloud/", StringComparison.Ordinal)
            + "\n");
    }

    [Fact]
    public async Task A_list_shows_a_change_at_once()
    {
        await admin.Do(200, "POST", "/flavors", New("now"));
        Assert.Contains("now", await Ids(demo));
        await admin.Do(202, "DELETE", "/flavors/now");
        Assert.DoesNotContain("now", await Ids(demo));
        Assert.Equal("Flavor now could not be found.", await demo.Fails(404, "GET", "/flavors/now"));
        Assert.Equal("Flavor now could not be found.", await admin.Fails(404, "DELETE", "/flavors/now"));
    }

    [Fact]
    public async Task Neither_an_id_nor_a_name_is_given_twice()
    {
        Assert.Equal("Flavor with ID tiny already exists.", await admin.Fails(409, "POST", "/flavors", New("tiny")));
        Assert.Equal("Flavor with name tiny already exists.", await admin.Fails(409, "POST", "/flavors", New("tiny-2", name: "tiny")));
    }

    [Fact]
    public async Task A_member_cannot_make_one() => Assert.Equal(
        "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed.",
            await demo.Fails(403, "POST", "/flavors", New("x")));

    [Theory]
    [InlineData("ram", 0, "0 is less than the minimum of 1")]
    [InlineData("vcpus", "x", "does not match")]
    [InlineData("disk", -1, "-1 is less than the minimum of 0")]
    [InlineData("colour", "red", "Additional properties are not allowed ('colour' was unexpected)")]
    public async Task What_cannot_be_is_a_bad_request(string name, object value, string message)
    {
        var body = New("bad");
        body["flavor"][name] = value;
        Assert.Contains(message, await admin.Fails(400, "POST", "/flavors", body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_flavor_is_seen_by_those_it_is_for()
    {
        var body = New("secret");
        body["flavor"]["os-flavor-access:is_public"] = false;
        await admin.Do(200, "POST", "/flavors", body);
        await demo.Fails(404, "GET", "/flavors/secret");
        var project = await Project();
        var access = await admin.Do(200, "POST", "/flavors/secret/action", new { addTenantAccess = new { tenant = project } });
        Assert.Equal(project, access.GetProperty("flavor_access")[0].GetProperty("tenant_id").GetString());
        Assert.Contains("secret", await Ids(demo));
        await admin.Fails(409, "POST", "/flavors/secret/action", new { addTenantAccess = new { tenant = project } });
        await admin.Do(200, "POST", "/flavors/secret/action", new { removeTenantAccess = new { tenant = project } });
        Assert.DoesNotContain("secret", await Ids(demo));
    }

    [Fact]
    public async Task Extra_specs_are_kept()
    {
        await admin.Do(200, "POST", "/flavors", New("specs"));
        await admin.Do(200, "POST", "/flavors/specs/os-extra_specs", new { extra_specs = new { a = "1", b = 2 } });
        await admin.Do(200, "PUT", "/flavors/specs/os-extra_specs/a", new { a = "3" });
        await admin.Do(200, "DELETE", "/flavors/specs/os-extra_specs/b");
        Assert.Equal("""{"a":"3"}""", (await demo.Do(200, "GET", "/flavors/specs/os-extra_specs")).GetProperty("extra_specs").GetRawText());
        Assert.Equal("Request body and URI mismatch", await admin.Fails(400, "PUT", "/flavors/specs/os-extra_specs/a", new { b = "3" }));
        Assert.Equal("Flavor specs has no extra specs with key b.", await admin.Fails(404, "DELETE", "/flavors/specs/os-extra_specs/b"));
        await demo.Fails(403, "POST", "/flavors/specs/os-extra_specs", new { extra_specs = new { a = "1" } });
    }

    private async Task<string> Project()
    {
        var id = await demo.Create("whose");
        var project = (await demo.Show(id)).GetProperty("tenant_id").GetString()!;
        await demo.Delete(id);
        return project;
    }

    private static Dictionary<string, Dictionary<string, object>> New(string id, string? name = null) => new()
    {
        ["flavor"] = new() { ["name"] = name ?? id, ["id"] = id, ["ram"] = 64, ["vcpus"] = 1, ["disk"] = 1 },
    };

    private static async Task<IReadOnlyList<string>> Ids(ComputeClient client) =>
    [
        .. (await client.Do(200, "GET", "/flavors")).GetProperty("flavors").EnumerateArray()
            .Select(static one => one.GetProperty("id").GetString()!),
    ];
}
