using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary><c>/servers</c>.</summary>
internal static class ServerEndpoints
{
    internal static Task<IResult> List(Call call) => List(call, detail: false);

    internal static Task<IResult> Detail(Call call) => List(call, detail: true);

    internal static async Task<IResult> Show(Call call)
    {
        var server = await Find(call);
        return new ServerBodies(call, await ServerFacts.Of(call, server)).Show(server);
    }

    internal static async Task<IResult> Create(Call call)
    {
        var asked = CreateServerBody.Read(call.Body, call.Microversion);
        var request = await ServerCreation.Resolve(call, asked);
        var servers = await call.Get<ServerBuilder>().Build(request, asked.MinCount, asked.MaxCount, call.Caller);
        if (asked.ReturnReservationId)
            return Reply.Json(new { reservation_id = request.ReservationId }, 202);
        return ServerBodies.Created(servers[0], asked.AdminPass, asked.SecurityGroups ?? ["default"], call);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var server = await Find(call);
        var body = call.Body.GetProperty("server");
        var updated = await call.Grain<IInstanceGrain>(server.Id).Update(
            new()
            {
                Name = body.Text("name")?.Trim(),
                HostName = body.Text("hostname"),
                AccessIpv4 = body.Text("accessIPv4"),
                AccessIpv6 = ComputeJson.ShortIpv6(body.Text("accessIPv6")),
                AutoDiskConfig = body.Text("OS-DCF:diskConfig") is { } disk ? disk == "AUTO" : null,
                SetDescription = body.TryGetProperty("description", out _),
                Description = body.Text("description"),
            },
            call.Caller);
        return new ServerBodies(call, await ServerFacts.Of(call, updated), all: call.Microversion >= "2.75").Show(updated);
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var server = await Find(call);
        await call.Grain<IInstanceGrain>(server.Id).Delete(call.Caller);
        return Reply.Empty(204);
    }

    /// <summary>The server of the path, if the caller may do to it what the route says.</summary>
    internal static async Task<InstanceState> Find(Call call)
    {
        var id = call.PathId<InstanceId>("server_id", ComputeFaults.InstanceNotFound);
        var server = await call.Get<IResourceIndex>().Find<InstanceState>(InstanceState.Kind, id.Text, call.Aborted)
            ?? throw ComputeFaults.InstanceNotFound(call.Path("server_id"));
        call.Require(new(server.ProjectId, server.UserId), ComputeFaults.InstanceNotFound(call.Path("server_id")));
        return server;
    }

    private static async Task<IResult> List(Call call, bool detail)
    {
        var list = new ServerList(call, detail);
        var servers = await list.Read();
        var next = servers.Count > 0 && servers.Count == list.Limit
            ? call.Next(detail ? "servers/detail" : "servers", servers[^1].Id.Text)
            : null;
        var facts = detail ? await ServerFacts.Of(call, servers) : ServerFacts.None;
        return new ServerBodies(call, facts).List(servers, next, detail);
    }
}
