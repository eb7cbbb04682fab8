using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Placement;

public sealed class CandidateApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly PlacementClient placement = PlacementClient.Of(fixture.Cloud, fixture.Admin);
    private readonly string nic = "CUSTOM_NIC_" + Guid.NewGuid().ToString("N").ToUpperInvariant();

    [Fact]
    public async Task A_nested_provider_serves_a_granular_group_and_is_named_for_it()
    {
        var (host, functions) = await Host(functions: 2);
        var found = await Find($"resources=VCPU:2&resources_NIC=SRIOV_NET_VF:1&required_NIC={nic}");
        Assert.Equal(functions.Order(StringComparer.Ordinal), Requests(found)
            .Select(static one => one.GetProperty("mappings").GetProperty("_NIC")[0].GetString()).Order(StringComparer.Ordinal));
        var first = Requests(found)[0];
        Assert.Equal([host], first.GetProperty("mappings").GetProperty("").EnumerateArray().Select(static id => id.GetString()));
        Assert.Equal(2, first.GetProperty("allocations").GetProperty(host).GetProperty("resources").GetProperty("VCPU").GetInt32());

        // The whole tree is told of, also what nothing is taken from.
        var summary = found.GetProperty("provider_summaries").GetProperty(functions[0]);
        Assert.Equal(3, found.GetProperty("provider_summaries").EnumerateObject().Count());
        Assert.Equal(host, summary.GetProperty("parent_provider_uuid").GetString());
        Assert.Equal(host, summary.GetProperty("root_provider_uuid").GetString());
    }

    [Fact]
    public async Task Groups_that_are_to_be_apart_have_providers_of_their_own()
    {
        var (host, _) = await Host(functions: 2);
        var two = $"resources1=SRIOV_NET_VF:1&required1={nic}&resources2=SRIOV_NET_VF:1&required2={nic}";
        Assert.Equal(4, Requests(await Find(two + "&group_policy=none")).Length);
        Assert.Equal(2, Requests(await Find(two + "&group_policy=isolate")).Length);
        Assert.Single(Requests(await Find(two + "&group_policy=none&limit=1")));
        Assert.Empty(Requests(await Find(two + "&group_policy=none&root_required=" + nic)));
        Assert.Equal(4, Requests(await Find(two + $"&group_policy=none&in_tree1={host}&root_required=!{nic}")).Length);
        Assert.Empty(Requests(await Find(two + $"&group_policy=none&in_tree1={Guid.NewGuid()}")));
    }

    [Fact]
    public async Task A_shared_disk_serves_the_nodes_of_its_aggregate()
    {
        var aggregate = Guid.NewGuid().ToString();
        var disk = await placement.Provider(null, ["MISC_SHARES_VIA_AGGREGATE"], [aggregate], ("DISK_GB", 1_000_000));
        var node = await placement.Provider(null, [nic], [aggregate], ("VCPU", 4));
        var found = await Find($"resources=VCPU:1,DISK_GB:900000&required={nic}");
        var only = Assert.Single(Requests(found)).GetProperty("allocations");
        Assert.Equal(new[] { disk, node }.Order(StringComparer.Ordinal),
            only.EnumerateObject().Select(static one => one.Name).Order(StringComparer.Ordinal));
        Assert.Empty(Requests(await Find($"resources=VCPU:1,DISK_GB:900000&required={nic}&member_of=!in:{Guid.NewGuid()},{aggregate}")));
    }

    [Fact]
    public async Task Old_clients_see_what_their_version_knows()
    {
        var host = await placement.Provider(null, [nic], null, ("VCPU", 4));
        var found = await Find($"resources=VCPU:1&required={nic}", "1.17");
        var request = Assert.Single(Requests(found));
        Assert.False(request.TryGetProperty("mappings", out _));
        Assert.False(found.GetProperty("provider_summaries").GetProperty(host).TryGetProperty("root_provider_uuid", out _));
        found = await Find("resources=VCPU:1", "1.11");
        Assert.Equal(JsonValueKind.Array, Requests(found)[0].GetProperty("allocations").ValueKind);
        await Host(functions: 1);
        Assert.Empty(Requests(await Find($"resources=VCPU:1&resources1=SRIOV_NET_VF:1&required1={nic}", "1.28")));
        Assert.NotEmpty(Requests(await Find($"resources=VCPU:1&resources1=SRIOV_NET_VF:1&required1={nic}", "1.29")));
    }

    [Theory]
    [InlineData("1.39", "resources=VCPU:1&colour=red",
        "Invalid query string parameters: Additional properties are not allowed ('colour' was unexpected)")]
    [InlineData("1.24", "resources=VCPU:1&resources1=VCPU:1",
        "Invalid query string parameters: Additional properties are not allowed ('resources1' was unexpected)")]
    [InlineData("1.32", "resources_A=VCPU:1",
        "Invalid query string parameters: Additional properties are not allowed ('resources_A' was unexpected)")]
    [InlineData("1.10", "", "Invalid query string parameters: 'resources' is a required property")]
    [InlineData("1.39", "", "There must be at least one resources or resources[$S] parameter.")]
    [InlineData("1.35", "required=HW_CPU_X86_VMX",
        "All traits parameters must be associated with resources.  Found the following orphaned traits keys: required")]
    [InlineData("1.39", "resources=VCPU:1&required1=HW_CPU_X86_VMX",
        "Resourceless suffixed group request should be specified in `same_subtree` query param: bad group(s) - ['1'].")]
    [InlineData("1.39", "resources1=VCPU:1&same_subtree=1,2",
        "Real suffixes should be specified in `same_subtree`: ['2'] not found in ['1'].")]
    [InlineData("1.39", "resources1=VCPU:1&resources2=VCPU:1",
        "The \"group_policy\" parameter is required when specifying more than one \"resources{N}\" parameter.")]
    [InlineData("1.39", "resources=VCPU:1&group_policy=some",
        "Invalid query string parameters: 'some' is not one of ['none', 'isolate']")]
    [InlineData("1.39", "resources=VCPU:1&limit=0", "Invalid query string parameters: '0' does not match '^[1-9][0-9]*$'")]
    [InlineData("1.39", "resources=VCPU:1&required=HW_CPU_X86_VMX,!HW_CPU_X86_VMX",
        "Conflicting required and forbidden traits found in the following traits keys: required: (HW_CPU_X86_VMX)")]
    [InlineData("1.39", "resources=VCPU:1&required=CUSTOM_NOWHERE", "No such trait(s): CUSTOM_NOWHERE.")]
    [InlineData("1.39", "resources=CUSTOM_NOTHING:1",
        "Invalid resource class in resources parameter: No such resource class CUSTOM_NOTHING.")]
    [InlineData("1.38", "resources=VCPU:1&required=in:HW_CPU_X86_VMX",
        "Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. "
            + "Got: in:HW_CPU_X86_VMX")]
    [InlineData("1.39", "resources=VCPU:1&member_of=a",
        "Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: a")]
    [InlineData("1.31", "resources=VCPU:1&member_of=!6d1b8a86-cfa5-4b4a-8f6e-0f6a4e3d4a5b",
        "Forbidden member_of parameters are not supported in the specified microversion")]
    [InlineData("1.39", "resources=VCPU:1&in_tree=a",
        "Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid. Got: a")]
    public async Task A_bad_question_is_refused_in_placements_words(string version, string query, string detail) =>
        Assert.Equal(detail, (await placement.Fails(400, "GET", "/allocation_candidates?" + query, version: version)).Detail);

    private static JsonElement[] Requests(JsonElement found) => [.. found.GetProperty("allocation_requests").EnumerateArray()];

    private Task<JsonElement> Find(string query, string version = "1.39") =>
        placement.Do(200, "GET", "/allocation_candidates?" + query, version: version);

    private async Task<(string Host, string[] Functions)> Host(int functions)
    {
        var host = await placement.Provider(null, null, null, ("VCPU", 8));
        var below = new List<string>();
        for (var i = 0; i < functions; i++)
            below.Add(await placement.Provider(host, [nic], null, ("SRIOV_NET_VF", 4)));
        return (host, [.. below]);
    }
}
