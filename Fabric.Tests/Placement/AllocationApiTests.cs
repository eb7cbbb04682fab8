using Fabric.Tests.Kit;
using static Fabric.Tests.Placement.PlacementClient;

namespace Fabric.Tests.Placement;

/// <summary>Several consumers in one request, and the reshaper.</summary>
public sealed class AllocationApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly PlacementClient placement = PlacementClient.Of(fixture.Cloud, fixture.Admin);
    private readonly string[] consumers = [Guid.NewGuid().ToString(), Guid.NewGuid().ToString()];

    [Fact]
    public async Task A_full_node_is_handed_from_one_consumer_to_another_as_a_migration_does()
    {
        var (source, target) = (await Node(4), await Node(4));
        await placement.Empty(204, "PUT", "/allocations/" + consumers[0], Allocations(null, (source, "VCPU", 4)));
        await placement.Empty(204, "POST", "/allocations", new Dictionary<string, object>
        {
            [consumers[0]] = Allocations(1, (target, "VCPU", 4)), [consumers[1]] = Allocations(null, (source, "VCPU", 4)),
        });
        Assert.Equal($"{target}:VCPU:4", await placement.Held(consumers[0]));
        Assert.Equal($"{source}:VCPU:4", await placement.Held(consumers[1]));
        Assert.Equal(2, (await placement.Do(200, "GET", "/allocations/" + consumers[0])).GetProperty("consumer_generation").GetInt32());

        // One is let go and the other one comes back, in the same request.
        await placement.Empty(204, "POST", "/allocations", new Dictionary<string, object>
        {
            [consumers[0]] = Allocations(2, (source, "VCPU", 4)), [consumers[1]] = Allocations(1),
        });
        Assert.Equal("", await placement.Held(consumers[1]));
        Assert.Equal((4, 0), (await placement.Used(source), await placement.Used(target)));
    }

    [Fact]
    public async Task What_one_consumer_cannot_have_none_gets()
    {
        var (first, second) = (await Node(4), await Node(4));
        await placement.Empty(204, "PUT", "/allocations/" + consumers[0], Allocations(null, (first, "VCPU", 2)));
        var body = new Dictionary<string, object>
        {
            [consumers[0]] = Allocations(1, (second, "VCPU", 2)), [consumers[1]] = Allocations(null, (second, "VCPU", 3)),
        };
        Assert.Equal(
            ("placement.undefined_code", $"Unable to allocate inventory: Unable to create allocation for 'VCPU' on resource provider "
                + $"'{second}'. The requested amount would exceed the capacity."),
            await placement.Fails(409, "POST", "/allocations", body));
        body[consumers[1]] = Allocations(7, (second, "VCPU", 1));
        Assert.Equal(("placement.concurrent_update", "consumer generation conflict - expected null but got 7"),
            await placement.Fails(409, "POST", "/allocations", body));
        body[consumers[1]] = Allocations(null, (Guid.Empty.ToString(), "VCPU", 1));
        Assert.Equal($"Allocation for resource provider '{Guid.Empty}' that does not exist.",
            (await placement.Fails(400, "POST", "/allocations", body)).Detail);
        body[consumers[1]] = Allocations(null, (second, "CUSTOM_NOTHING", 1));
        Assert.Equal("Unable to allocate inventory No such resource class CUSTOM_NOTHING.",
            (await placement.Fails(400, "POST", "/allocations", body)).Detail);
        Assert.Equal($"{first}:VCPU:2", await placement.Held(consumers[0]));
        Assert.Equal((2, 0), (await placement.Used(first), await placement.Used(second)));

        // Nothing is promised to anybody any more: a new try is free.
        await placement.Empty(204, "PUT", "/allocations/" + consumers[0], Allocations(1, (first, "VCPU", 4)));
        await placement.Empty(204, "PUT", "/allocations/" + consumers[1], Allocations(null, (second, "VCPU", 4)));
    }

    [Fact]
    public async Task Changes_that_meet_overbook_nothing_and_leave_no_half()
    {
        var nodes = new[] { await Node(6), await Node(6), await Node(6) };
        var pairs = Enumerable.Range(0, 12).Select(static _ => (A: Guid.NewGuid().ToString(), B: Guid.NewGuid().ToString())).ToArray();
        await Task.WhenAll(pairs.Select(async (pair, i) =>
        {
            var body = new Dictionary<string, object>
            {
                [pair.A] = Allocations(null, (nodes[i % 3], "VCPU", 1)), [pair.B] = Allocations(null, (nodes[(i + 1) % 3], "VCPU", 1)),
            };
            for (var status = 409; status == 409;)
            {
                // As clients do on placement.concurrent_update; there is room for nine pairs, the others are refused for good.
                using var answer = await placement.Send("POST", "/allocations", body);
                status = (int)answer.StatusCode;
                if (!(await answer.Content.ReadAsStringAsync()).Contains("placement.concurrent_update", StringComparison.Ordinal))
                    break;
            }
        }));
        foreach (var (a, b) in pairs)
            Assert.Equal((await placement.Held(a)).Length > 0, (await placement.Held(b)).Length > 0);
        foreach (var node in nodes)
            Assert.InRange(await placement.Used(node), 4, 6);
    }

    [Fact]
    public async Task The_reshaper_moves_a_class_to_a_child_under_its_holder()
    {
        var root = await placement.Provider(null, null, null, ("VCPU", 8), ("VGPU", 4));
        var child = await placement.Provider(root);
        await placement.Empty(204, "PUT", "/allocations/" + consumers[0], Allocations(null, (root, "VCPU", 1), (root, "VGPU", 2)));
        var inventories = new Dictionary<string, object>
        {
            [root] = new { resource_provider_generation = await placement.Generation(root), inventories = Totals(("VCPU", 8)) },
            [child] = new { resource_provider_generation = await placement.Generation(child), inventories = Totals(("VGPU", 4)) },
        };
        Assert.Equal(("placement.inventory.inuse", $"update conflict: Inventory for 'VGPU' on resource provider '{root}' in use."),
            await placement.Fails(409, "POST", "/reshaper", new { inventories, allocations = new { } }));
        var allocations = new Dictionary<string, object> { [consumers[0]] = Allocations(1, (root, "VCPU", 1), (child, "VGPU", 5)) };
        await placement.Fails(409, "POST", "/reshaper", new { inventories, allocations });
        Assert.Equal(2, await placement.Used(root, "VGPU"));
        allocations[consumers[0]] = Allocations(1, (root, "VCPU", 1), (child, "VGPU", 2));
        await placement.Empty(204, "POST", "/reshaper", new { inventories, allocations });
        Assert.Equal(2, await placement.Used(child, "VGPU"));
        var left = await placement.Do(200, "GET", $"/resource_providers/{root}/inventories");
        Assert.Equal(["VCPU"], left.GetProperty("inventories").EnumerateObject().Select(static one => one.Name));
        var again = await placement.Fails(409, "POST", "/reshaper", new { inventories, allocations });
        Assert.Equal("placement.concurrent_update", again.Code);
        await placement.Fails(404, "POST", "/reshaper", new { inventories, allocations }, "1.29");
        await placement.Fails(400, "POST", "/reshaper", new { inventories = new { }, allocations });
    }

    [Fact]
    public async Task Usages_are_told_by_the_type_of_consumer()
    {
        var node = await Node(8);
        var project = "p-" + Guid.NewGuid();
        var body = new
        {
            allocations = new Dictionary<string, object> { [node] = new { resources = new Dictionary<string, int> { ["VCPU"] = 3 } } },
            project_id = project,
            user_id = "u",
            consumer_generation = (int?)null,
            consumer_type = "MIGRATION",
        };
        await placement.Empty(204, "PUT", "/allocations/" + consumers[0], body);
        var usages = (await placement.Do(200, "GET", "/usages?project_id=" + project)).GetProperty("usages").GetProperty("MIGRATION");
        Assert.Equal((3, 1), (usages.GetProperty("VCPU").GetInt32(), usages.GetProperty("consumer_count").GetInt32()));
        usages = (await placement.Do(200, "GET", $"/usages?project_id={project}&consumer_type=all")).GetProperty("usages");
        Assert.Equal(3, usages.GetProperty("all").GetProperty("VCPU").GetInt32());
        usages = (await placement.Do(200, "GET", $"/usages?project_id={project}&consumer_type=INSTANCE")).GetProperty("usages");
        Assert.Empty(usages.EnumerateObject());
        Assert.Equal(3, (await placement.Do(200, "GET", "/usages?project_id=" + project, version: "1.37")).GetProperty("usages")
            .GetProperty("VCPU").GetInt32());
        await placement.Fails(400, "GET", $"/usages?project_id={project}&consumer_type=all", version: "1.37");
    }

    private Task<string> Node(int vcpus) => placement.Provider(null, null, null, ("VCPU", vcpus));
}
