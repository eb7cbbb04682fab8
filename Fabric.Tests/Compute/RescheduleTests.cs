using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;
using Fabric.NodeAgent;
using Fabric.NodeAgent.Agent;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Kit;
using Fabric.Tests.Network;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Compute;

/// <summary>A build whose node fails goes to another one.</summary>
public sealed class RescheduleTests : IAsyncLifetime
{
    private Cloud cloud = null!;
    private ComputeClient compute = null!;

    public async Task InitializeAsync()
    {
        cloud = await Cloud.Start(nodes: 4);
        compute = await ComputeClient.Of(cloud, await cloud.Http("admin"));
    }

    public async Task DisposeAsync() => await cloud.DisposeAsync();

    [Fact]
    public async Task A_node_that_cannot_start_the_guest_is_left_for_the_next_one()
    {
        var (network, _) = await (await cloud.Http("admin")).MakeNetwork("n", "10.5.0.0/24");
        Break("sim-0001", "sim-0002");
        foreach (var name in (string[])["sim-0003", "sim-0004"])
            await Service(name, new { status = "disabled" });
        var id = await compute.Create("wanderer", ("networks", new[] { new { uuid = network } }));
        await Eventually.True(async () => await Find(id) is { TriedNodes.Count: 1 }, "one node has failed");
        await Service("sim-0003", new { status = "enabled" });
        await compute.Reaches(id, "ACTIVE");
        var server = await compute.Show(id);
        Assert.Equal("sim-0003", server.GetProperty("OS-EXT-SRV-ATTR:hypervisor_hostname").GetString());
        Assert.Equal("nova", server.GetProperty("OS-EXT-AZ:availability_zone").GetString());
        Assert.False(server.TryGetProperty("fault", out _));
        await OnlyOn(id, "sim-0003");
        Assert.Equal("sim-0003", Assert.Single(await (await cloud.Http("admin")).All("ports", "?device_id=" + id)).Text("binding:host_id"));
        await compute.Delete(id);
        Assert.Empty(await (await cloud.Http("admin")).All("ports", "?device_id=" + id));
    }

    [Fact]
    public async Task After_three_nodes_the_server_is_in_error_and_says_so_as_nova_does()
    {
        Break("sim-0001", "sim-0002", "sim-0003", "sim-0004");
        var id = await compute.Create("unlucky");
        await compute.Reaches(id, "ERROR");
        await compute.NothingIsLeft();
        var fault = (await compute.Show(id)).GetProperty("fault");
        Assert.Equal(500, fault.GetProperty("code").GetInt32());
        Assert.Equal($"Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for instance {id}. "
            + "Last exception: The step start-domain did not succeed in time.", fault.GetProperty("message").GetString());
        Assert.Equal(3, (await Find(id))!.TriedNodes.Distinct().Count());
        await compute.Delete(id);
    }

    [Fact]
    public async Task With_no_other_node_left_the_error_names_that()
    {
        Break("sim-0001", "sim-0002", "sim-0003", "sim-0004");
        foreach (var name in (string[])["sim-0003", "sim-0004"])
            await Service(name, new { status = "disabled" });
        var id = await compute.Create("unlucky");
        await compute.Reaches(id, "ERROR");
        Assert.Equal("Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance "
            + id + ".", (await compute.Show(id)).GetProperty("fault").GetProperty("message").GetString());
        await compute.Delete(id);
        await compute.NothingIsLeft();
    }

    [Fact]
    public async Task A_node_that_was_named_is_the_only_one_tried()
    {
        Break("sim-0001");
        var id = await compute.Create("bound", ("availability_zone", "nova:sim-0001"));
        await compute.Reaches(id, "ERROR");
        Assert.Equal("The step start-domain did not succeed in time.",
            (await compute.Show(id)).GetProperty("fault").GetProperty("message").GetString());
        await compute.Delete(id);
        await compute.NothingIsLeft();
    }

    [Fact]
    public async Task A_node_that_is_down_is_not_waited_for()
    {
        foreach (var name in (string[])["sim-0002", "sim-0003", "sim-0004"])
            await Service(name, new { status = "disabled" });
        Break("sim-0001");
        Dials("sim-0001").FailNext(SimulatedVerb.EnsureAbsent, times: 1000);
        var id = await compute.Create("survivor");
        await Eventually.True(async () => await Find(id) is { NodeName: "sim-0001" }, "the build has come to its node");
        await Service("sim-0002", new { status = "enabled" });
        await Service("sim-0001", new { forced_down = true });
        await compute.Reaches(id, "ACTIVE");
        await OnlyOn(id, "sim-0002");
    }

    [Fact]
    public async Task A_server_deleted_on_its_way_to_another_node_leaves_nothing()
    {
        Break("sim-0001", "sim-0002", "sim-0003", "sim-0004");
        var id = await compute.Create("short");
        await Eventually.True(async () => await Find(id) is { TriedNodes.Count: 1 }, "one node has failed");
        await compute.Delete(id);
        await compute.NothingIsLeft();
    }

    [Fact]
    public async Task A_second_attempt_that_was_written_but_not_begun_is_found_and_begun()
    {
        // As if the process had died between the two writes.
        var model = (await Find(await compute.Boot("model")))!;
        var lost = model with
        {
            Id = InstanceId.New(),
            VmState = VmState.Building,
            TaskState = TaskState.Scheduling,
            NodeName = null,
            LaunchedAt = null,
            TriedNodes = ["sim-0001", "sim-0002", model.NodeName!],
            UpdatedAt = model.UpdatedAt - TimeSpan.FromHours(1),
        };
        await Records.Write(cloud, InstanceState.Kind, lost.Id.Text, lost with { SagaId = lost.SagaIdFor() });
        Assert.Equal(1, await cloud.Services.GetRequiredService<InstanceReconciler>().Run(default));
        await compute.Reaches(lost.Id.Text, "ACTIVE");
        Assert.DoesNotContain((await Find(lost.Id.Text))!.NodeName, lost.TriedNodes);
    }

    private Task<InstanceState?> Find(string id) => cloud.Index.Find<InstanceState>(InstanceState.Kind, id, default);

    /// <summary>The guest and what is held for it are on this node, and nowhere else.</summary>
    private async Task OnlyOn(string id, string nodeName)
    {
        foreach (var node in await compute.Nodes())
        {
            var held = await cloud.Grains.GetGrain<IResourceProviderGrain>(node.ProviderId).Allocations();
            Assert.Equal(node.Inventory.NodeName == nodeName, held.ContainsKey(id));
        }

        Assert.Contains(Host(nodeName).Guests, guest => guest.Id.Text == id);
    }

    private void Break(params string[] nodes)
    {
        foreach (var name in nodes)
            Dials(name).FailNext(SimulatedVerb.Ensure, times: 1000);
    }

    private SimulatedDials Dials(string name) => Host(name).Dials;

    private SimulatedHypervisor Host(string name) => cloud.Services.GetRequiredService<SimulatedNodes>()[name].Hypervisor;

    private async Task Service(string node, object change)
    {
        var services = (await compute.Do(200, "GET", "/os-services?binary=nova-compute&host=" + node)).GetProperty("services");
        await compute.Do(200, "PUT", "/os-services/" + services[0].GetProperty("id").GetString(), change);
    }
}
