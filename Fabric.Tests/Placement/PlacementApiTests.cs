using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Placement;

public sealed class PlacementApiTests : IClassFixture<CloudFixture>
{
    private const string Providers = "/placement/resource_providers";
    private readonly Cloud cloud;
    private readonly HttpClient admin;
    private readonly HttpClient demo;

    public PlacementApiTests(CloudFixture fixture)
    {
        (cloud, admin, demo) = (fixture.Cloud, fixture.Cloud.Http(), fixture.Demo);
        admin.DefaultRequestHeaders.Add("X-Auth-Token", fixture.Admin.DefaultRequestHeaders.GetValues("X-Auth-Token"));
        admin.DefaultRequestHeaders.Add("OpenStack-API-Version", "placement 1.39");
    }

    [Fact]
    public async Task Every_node_is_a_provider_with_its_inventories()
    {
        var all = (await (await admin.GetAsync(Providers)).Json(200)).GetProperty("resource_providers");
        var node = all.EnumerateArray().Single(static provider => provider.GetProperty("name").GetString() == "sim-0001");
        var inventories = await (await admin.GetAsync($"{Providers}/{node.GetProperty("uuid").GetString()}/inventories")).Json(200);
        Assert.Equal(["DISK_GB", "MEMORY_MB", "VCPU"],
            inventories.GetProperty("inventories").EnumerateObject().Select(static entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_project_user_may_not_ask() => Assert.Equal(403, (int)(await demo.GetAsync(Providers)).StatusCode);

    [Fact]
    public async Task The_versions_are_told_without_a_token()
    {
        var body = await (await cloud.Http().GetAsync("/placement/")).Json(200);
        Assert.Equal("1.39", body.GetProperty("versions")[0].GetProperty("max_version").GetString());
    }

    [Fact]
    public async Task A_version_out_of_the_window_is_not_acceptable()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Providers);
        request.Headers.Add("OpenStack-API-Version", "placement 1.99");
        request.Headers.Add("X-Auth-Token", admin.DefaultRequestHeaders.GetValues("X-Auth-Token"));
        using var client = new HttpClient { BaseAddress = cloud.Address };
        using var answer = await client.SendAsync(request);
        Assert.Equal(406, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_stale_generation_is_a_conflict_and_changes_nothing()
    {
        var id = await Provider();
        var body = new { resource_provider_generation = 7, inventories = Vcpu(new { total = 4 }) };
        var error = await (await admin.PutAsJsonAsync($"{Providers}/{id}/inventories", body)).Json(409);
        Assert.Equal("placement.concurrent_update", error.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_a_consumer_holds_is_used_until_it_lets_go()
    {
        var id = await Provider(vcpus: 4);
        var consumer = Guid.NewGuid();
        await Hold(consumer, id, 3, null, 204);
        Assert.Equal(3, await Used(id));
        await Hold(Guid.NewGuid(), id, 2, null, 409);
        Assert.Equal(3, await Used(id));
        await Hold(consumer, id, 4, null, 409);
        await Hold(consumer, id, 4, 1, 204);
        using var deleted = await admin.DeleteAsync($"/placement/allocations/{consumer}");
        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(0, await Used(id));
    }

    [Fact]
    public async Task Candidates_are_the_providers_with_room_and_traits()
    {
        var id = await Provider(vcpus: 4);
        using (var made = await admin.PutAsync("/placement/traits/CUSTOM_GOLD", null))
            Assert.True((int)made.StatusCode is 201 or 204);
        await (await admin.PutAsJsonAsync(
            $"{Providers}/{id}/traits", new { resource_provider_generation = 1, traits = new[] { "CUSTOM_GOLD" } })).Json(200);
        var found = await (await admin.GetAsync("/placement/allocation_candidates?resources=VCPU:4&required=CUSTOM_GOLD")).Json(200);
        Assert.Contains(found.GetProperty("provider_summaries").EnumerateObject(), entry => entry.Name == id);
        found = await (await admin.GetAsync("/placement/allocation_candidates?resources=VCPU:5&required=CUSTOM_GOLD")).Json(200);
        Assert.Empty(found.GetProperty("allocation_requests").EnumerateArray());
    }

    [Fact]
    public async Task What_is_in_use_cannot_be_deleted_and_what_is_not_can()
    {
        var parent = await Provider();
        var child = await (await admin.PostAsJsonAsync(
            Providers, new { name = "c-" + Guid.NewGuid(), parent_provider_uuid = parent })).Json(200);
        Assert.Equal(409, await Delete($"{Providers}/{parent}"));
        Assert.Equal(204, await Delete($"{Providers}/{child.GetProperty("uuid").GetString()}"));
        Assert.Equal(204, await Delete($"{Providers}/{parent}"));
        Assert.Equal(404, await Delete($"{Providers}/{parent}"));

        using (await admin.PutAsync("/placement/traits/CUSTOM_USED", null))
        {
        }

        var id = await Provider();
        await (await admin.PutAsJsonAsync(
            $"{Providers}/{id}/traits", new { resource_provider_generation = 0, traits = new[] { "CUSTOM_USED" } })).Json(200);
        Assert.Equal(409, await Delete("/placement/traits/CUSTOM_USED"));
        Assert.Equal(204, await Delete($"{Providers}/{id}/traits"));
        Assert.Equal(204, await Delete("/placement/traits/CUSTOM_USED"));
        Assert.Equal(404, await Delete("/placement/resource_classes/CUSTOM_NONE"));
    }

    [Theory]
    [InlineData("""{"name": ""}""")]
    [InlineData("""{"name": "x", "colour": "red"}""")]
    [InlineData("""{"uuid": "x", "name": "x"}""")]
    [InlineData("{")]
    public async Task A_bad_provider_is_refused(string body)
    {
        using var answer = await admin.PostAsync(Providers, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("resources=VCPU")]
    [InlineData("resources=VCPU:0")]
    [InlineData("resources=NOTHING:1")]
    [InlineData("")]
    public async Task A_bad_question_for_candidates_is_refused(string query)
    {
        using var answer = await admin.GetAsync("/placement/allocation_candidates?" + query);
        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Many_claims_at_once_fill_every_node_and_overbook_none()
    {
        var scheduling = cloud.Services.GetRequiredService<IScheduling>();
        var request = new ResourceRequest { Vcpus = 1, MemoryMiB = 64, DiskGiB = 0, ProjectId = new("storm"), UserId = new("u") };
        var consumers = Enumerable.Range(0, 60).Select(static _ => InstanceId.New()).ToArray();
        var claims = await Task.WhenAll(consumers.Select(consumer => scheduling.Claim(consumer, request, default)));
        Assert.Equal(2, claims.Select(static claim => claim.NodeName).Distinct().Count());
        var again = await scheduling.Claim(consumers[0], request, default);
        Assert.Equal(claims[0].NodeName, again.NodeName);
        await Task.WhenAll(consumers.Select(consumer => scheduling.Release(consumer, default)));
        var usages = await (await admin.GetAsync("/placement/usages?project_id=storm")).Json(200);
        Assert.Empty(usages.GetProperty("usages").EnumerateObject());
    }

    [Fact]
    public async Task A_request_that_no_node_can_take_leaves_nothing_behind()
    {
        var scheduling = cloud.Services.GetRequiredService<IScheduling>();
        var request = new ResourceRequest { Vcpus = 100_000, MemoryMiB = 64, DiskGiB = 0, ProjectId = new("greedy"), UserId = new("u") };
        var consumer = InstanceId.New();
        var fault = await Assert.ThrowsAsync<Fault>(() => scheduling.Claim(consumer, request, default));
        Assert.Equal("NoValidHost", fault.Type);
        var body = await (await admin.GetAsync($"/placement/allocations/{consumer}")).Json(200);
        Assert.Empty(body.GetProperty("allocations").EnumerateObject());
    }

    private async Task<int> Delete(string path)
    {
        using var answer = await admin.DeleteAsync(path);
        return (int)answer.StatusCode;
    }

    private async Task<string> Provider(int vcpus = 0)
    {
        var created = await (await admin.PostAsJsonAsync(Providers, new { name = "p-" + Guid.NewGuid() })).Json(200);
        var id = created.GetProperty("uuid").GetString()!;
        if (vcpus > 0)
        {
            var body = new { resource_provider_generation = 0, inventories = Vcpu(new { total = vcpus }) };
            await (await admin.PutAsJsonAsync($"{Providers}/{id}/inventories", body)).Json(200);
        }

        return id;
    }

    private async Task Hold(Guid consumer, string provider, int vcpus, int? generation, int status)
    {
        var body = new
        {
            allocations = new Dictionary<string, object> { [provider] = new { resources = Vcpu(vcpus) } },
            project_id = "p",
            user_id = "u",
            consumer_generation = generation,
            consumer_type = "INSTANCE",
        };
        using var answer = await admin.PutAsJsonAsync($"/placement/allocations/{consumer}", body);
        Assert.True((int)answer.StatusCode == status, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A dictionary, because a property would be written in camel case.</summary>
    private static Dictionary<string, object> Vcpu(object value) => new() { ["VCPU"] = value };

    private async Task<int> Used(string provider) =>
        (await (await admin.GetAsync($"{Providers}/{provider}/usages")).Json(200)).GetProperty("usages").GetProperty("VCPU").GetInt32();
}
