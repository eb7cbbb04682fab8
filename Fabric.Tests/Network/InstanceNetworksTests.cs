using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Network;

public sealed class InstanceNetworksTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    private IInstanceNetworks Networks => fixture.Cloud.Services.GetRequiredService<IInstanceNetworks>();

    [Fact]
    public async Task A_servers_port_is_made_once_bound_applied_and_deleted_with_it()
    {
        var (network, _) = await demo.MakeNetwork("life", "10.50.0.0/24");
        var caller = await Caller();
        var plan = await Networks.Plan(caller, new() { Nics = [new() { Network = network }] }, 1, default);
        var nics = await Nics(caller, plan);
        var first = (await Networks.Ensure(nics, default)).Single();
        Assert.Equal(first, (await Networks.Ensure(nics, default)).Single(), SamePort);
        await Networks.Applied(nics.InstanceId, default);
        await Eventually.True(async () => (await Networks.PortsOf(nics.InstanceId, default))
            .Single().Status == "ACTIVE", "the port is active");
        var shown = await admin.One("ports", first.PortId.Text);
        Assert.Equal([nics.NodeName, nics.InstanceId.Text, "compute:nova"],
            [shown.Text("binding:host_id"), shown.Text("device_id"), shown.Text("device_owner")]);
        await Networks.Release(nics.InstanceId, default);
        await Networks.Release(nics.InstanceId, default);
        await demo.Get($"ports/{first.PortId}", 404);
    }

    [Fact]
    public async Task A_port_that_a_user_made_is_set_free_and_another_server_cannot_take_it_meanwhile()
    {
        var (network, _) = await demo.MakeNetwork("taken", "10.51.0.0/24");
        var port = (await demo.Make("ports", new { network_id = network })).Id();
        var caller = await Caller();
        var request = new NetworkRequest { Nics = [new() { Port = port }] };
        var nics = await Nics(caller, await Networks.Plan(caller, request, 1, default));
        await Networks.Ensure(nics, default);
        var error = await Assert.ThrowsAsync<Fault>(() => Networks.Plan(caller, request, 1, default));
        Assert.Equal(["PortInUse", $"Port {port} is still in use."], [error.Type, error.Message]);
        await Networks.Release(nics.InstanceId, default);
        Assert.Equal("", (await demo.One("ports", port)).Text("device_id"));
    }

    [Fact]
    public async Task A_moved_server_takes_its_port_along()
    {
        var (network, _) = await demo.MakeNetwork("moved", "10.52.0.0/24");
        var caller = await Caller();
        var nics = await Nics(caller, await Networks.Plan(caller, new() { Nics = [new() { Network = network }] }, 1, default));
        var before = (await Networks.Ensure(nics, default)).Single();
        var hosts = (await admin.All("agents", "?agent_type=L3 agent")).Select(static agent => agent.Text("host")).ToArray();
        var after = (await Networks.Ensure(nics with { NodeName = hosts.First(host => host != nics.NodeName) }, default)).Single();
        Assert.Equal([before.PortId.Text, before.Addresses[0].IpAddress], [after.PortId.Text, after.Addresses[0].IpAddress]);
        Assert.NotEqual(nics.NodeName, (await admin.One("ports", after.PortId.Text)).Text("binding:host_id"));
    }

    [Fact]
    public async Task Faults_are_worded_for_a_servers_user()
    {
        var caller = await Caller();
        var unknown = Guid.NewGuid().ToString();
        await Fails("NetworkNotFound", new() { Nics = [new() { Network = unknown }] });
        await Fails("PortNotFound", new() { Nics = [new() { Port = unknown }] });
        await Fails("SecurityGroupNotFound", new() { SecurityGroups = ["nonsense"], Nics = [new() { Network = unknown }] });
        var bare = (await demo.Make("networks", new { name = "bare" })).Id();
        await Fails("NetworkRequiresSubnet", new() { Nics = [new() { Network = bare }] });
        var external = (await admin.Make("networks", new Dictionary<string, object> { ["name"] = "ext", ["router:external"] = true })).Id();
        await Fails("ExternalNetworkAttachForbidden", new() { Nics = [new() { Network = external }] });
        Assert.Empty(await Networks.Plan(caller, new() { Choice = NetworkChoice.None }, 1, default));

        async Task Fails(string type, NetworkRequest request) =>
            Assert.Equal(type, (await Assert.ThrowsAsync<Fault>(() => Networks.Plan(caller, request, 1, default))).Type);
    }

    private static bool SamePort(InstancePort one, InstancePort other) =>
        one.PortId == other.PortId && one.MacAddress == other.MacAddress && one.Addresses[0].IpAddress == other.Addresses[0].IpAddress;

    private async Task<Caller> Caller()
    {
        var project = (await demo.Get("quotas/project")).GetProperty("project").Text("project_id");
        return new() { UserId = new("u"), UserName = "demo", UserDomainId = new("default"), ProjectId = new(project),
            Roles = ["member", "reader"] };
    }

    private async Task<InstanceNics> Nics(Caller caller, IReadOnlyList<NicPlan> plan) => new()
    {
        InstanceId = InstanceId.New(),
        ProjectId = caller.ProjectId!.Value,
        HostName = "guest",
        NodeName = (await admin.All("agents"))[0].Text("host"),
        AvailabilityZone = "nova",
        Nics = plan,
    };
}
