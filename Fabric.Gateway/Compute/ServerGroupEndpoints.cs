using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-server-groups</c>.</summary>
internal static class ServerGroupEndpoints
{
    private const int MaxPage = 1_000;

    internal static async Task<IResult> List(Call call)
    {
        call.OnlyQueries("all_projects", "limit", "offset");
        var all = call.Query("all_projects") is not null && call.Allows(ComputePolicies.ListAllServerGroups);
        var groups = await call.Get<IResourceIndex>().List<ServerGroupState>(
            new(ServerGroupState.Kind) { ProjectId = all ? null : call.Caller.ProjectId?.Text ?? "", Descending = false }, call.Aborted);
        var offset = int.TryParse(call.Query("offset"), out var skip) && skip > 0 ? skip : 0;
        var page = groups.Skip(offset).Take(call.Paging(MaxPage, zeroIsAll: true).Limit).ToArray();
        var members = await Members(call, page);
        return Reply.Json(new { server_groups = page.Select(group => Body(group, members[group.Id], call)) });
    }

    internal static async Task<IResult> Show(Call call)
    {
        var group = await Find(call);
        return Reply.Json(new { server_group = Body(group, (await Members(call, [group]))[group.Id], call) });
    }

    internal static async Task<IResult> Create(Call call)
    {
        var project = call.Caller.ProjectId ?? throw call.Service.Faults.Denied(call.Route.Policy);
        var body = call.Body.GetProperty("server_group");
        var policy = body.Text("policy") ?? body.GetProperty("policies")[0].GetString()!;
        int? most = body.Find("rules")?.Int("max_server_per_host", 0) is { } number and > 0 ? number : null;
        if (most is not null && policy != "anti-affinity")
            throw Fault.BadRequest("Only anti-affinity policy supports rules.");
        var group = await call.Grains.GetGrain<IComputeProjectGrain>(project.Text).CreateServerGroup(new()
        {
            Id = Guid.NewGuid().ToString(),
            Name = body.Text("name")!.Trim(),
            ProjectId = project,
            UserId = call.Caller.UserId,
            Policy = policy,
            MaxServerPerHost = most,
        });
        return Reply.Json(new { server_group = Body(group, [], call) });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var group = await Find(call);
        await call.Grains.GetGrain<IServerGroupGrain>(group.Id).Delete();
        return Reply.Empty(204);
    }

    private static async Task<ServerGroupState> Find(Call call)
    {
        var id = call.Path("group_id");
        var group = await call.Get<IResourceIndex>().Find<ServerGroupState>(ServerGroupState.Kind, id, call.Aborted)
            ?? throw ComputeFaults.ServerGroupNotFound(id);
        call.Require(new(group.ProjectId, group.UserId), ComputeFaults.ServerGroupNotFound(id));
        return group;
    }

    private static async Task<ILookup<string, string>> Members(Call call, IReadOnlyList<ServerGroupState> groups)
    {
        if (groups.Count == 0)
            return Enumerable.Empty<string>().ToLookup(static id => id);
        var query = new ResourceQuery(InstanceState.Kind) { Descending = false }
            .WithRef("server_group", [.. groups.Select(static group => group.Id)]);
        var instances = await call.Get<IResourceIndex>().List<InstanceState>(query, call.Aborted);
        return instances.ToLookup(static instance => instance.ServerGroupId!, static instance => instance.Id.Text);
    }

    private static Dictionary<string, object> Body(ServerGroupState group, IEnumerable<string> members, Call call)
    {
        var body = new Dictionary<string, object> { ["id"] = group.Id, ["name"] = group.Name };
        if (call.Microversion >= "2.64")
        {
            body["policy"] = group.Policy;
            body["rules"] = group.MaxServerPerHost is { } most
                ? new Dictionary<string, object> { ["max_server_per_host"] = most }
                : new Dictionary<string, object>();
        }
        else
        {
            body["policies"] = new[] { group.Policy };
            body["metadata"] = new Dictionary<string, string>();
        }

        body["members"] = members;
        if (call.Microversion >= "2.13")
        {
            body["project_id"] = group.ProjectId.Text;
            body["user_id"] = group.UserId.Text;
        }

        return body;
    }
}
