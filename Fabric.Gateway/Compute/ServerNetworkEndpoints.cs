using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Compute;

/// <summary>What a server has of networking: <c>/os-interface</c>, <c>/ips</c>, <c>/os-security-groups</c>.</summary>
internal static class ServerNetworkEndpoints
{
    internal static async Task<IResult> Interfaces(Call call)
    {
        var (_, ports) = await Ports(call);
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("interfaceAttachments");
            foreach (var port in ports)
                WriteInterface(json, port, call);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    internal static async Task<IResult> Interface(Call call)
    {
        var (server, ports) = await Ports(call);
        var id = call.Path("port_id");
        var port = ports.FirstOrDefault(port => port.PortId.Text == id)
            ?? throw Fault.NotFound($"Instance {server.Id} does not have a port with id {id}");
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("interfaceAttachment");
            WriteInterface(json, port, call);
            json.WriteEndObject();
        });
    }

    internal static async Task<IResult> Addresses(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        var facts = await ServerFacts.Of(call, server);
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            facts.WriteAddresses(json, server, extended: false);
            json.WriteEndObject();
        });
    }

    internal static async Task<IResult> AddressesOn(Call call)
    {
        var (_, ports) = await Ports(call);
        var network =
            ports.GroupBy(static port => port.NetworkName, StringComparer.Ordinal).FirstOrDefault(one => one.Key == call.Path("label"))
            ?? throw Fault.NotFound("Instance is not a member of specified network");
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            ServerFacts.WriteNetwork(json, network, extended: false);
            json.WriteEndObject();
        });
    }

    internal static async Task<IResult> AddSecurityGroup(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        await call.Get<IInstanceNetworks>().AddSecurityGroup(server.Id, GroupOf(call), Project(call), call.Aborted);
        return Reply.Empty(202);
    }

    internal static async Task<IResult> RemoveSecurityGroup(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        await call.Get<IInstanceNetworks>().RemoveSecurityGroup(server.Id, GroupOf(call), Project(call), call.Aborted);
        return Reply.Empty(202);
    }

    /// <summary>No server has a volume yet.</summary>
    internal static async Task<IResult> Volumes(Call call)
    {
        await ServerEndpoints.Find(call);
        return Reply.Json(new Dictionary<string, object> { ["volumeAttachments"] = Array.Empty<object>() });
    }

    // Nova has no schema here, and words of its own for each thing that can be wrong.
    private static string GroupOf(Call call)
    {
        var action = call.Body.GetProperty(call.Route.Action!);
        if (action.ValueKind != JsonValueKind.Object)
            throw Fault.BadRequest("Missing parameter dict");
        if (!action.TryGetProperty("name", out var name))
            throw Fault.BadRequest("Security group not specified");
        return name.ValueKind == JsonValueKind.String && name.GetString()!.Trim().Length > 0
            ? name.GetString()!
            : throw Fault.BadRequest("Security group name cannot be empty");
    }

    private static ProjectId Project(Call call) => call.Caller.ProjectId
        ?? throw Fault.BadRequest("Security groups are a project's: the token has none.");

    private static async Task<(InstanceState Server, IReadOnlyList<InstancePort> Ports)> Ports(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        return (server, server.Nics.Count == 0 ? [] : await call.Get<IInstanceNetworks>().PortsOf(server.Id, call.Aborted));
    }

    private static void WriteInterface(Utf8JsonWriter json, InstancePort port, Call call)
    {
        json.WriteStartObject();
        json.WriteString("net_id", port.NetworkId.Text);
        json.WriteString("port_id", port.PortId.Text);
        json.WriteString("mac_addr", port.MacAddress);
        json.WriteString("port_state", port.Status);
        json.WriteStartArray("fixed_ips");
        foreach (var address in port.Addresses)
        {
            json.WriteStartObject();
            json.WriteString("subnet_id", address.SubnetId.Text);
            json.WriteString("ip_address", address.IpAddress);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (call.Microversion >= "2.70")
            json.WriteString("tag", port.Tag);
        json.WriteEndObject();
    }
}
