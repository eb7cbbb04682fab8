using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-security-groups</c>, to read: networking's groups in the form that nova gave them before networking was a service of its
/// own. The <c>openstack</c> command still finds a group by it when it puts one on a server (source:
/// <c>nova/api/openstack/compute/security_groups.py</c>).</summary>
internal static class SecurityGroupEndpoints
{
    private const int MostGroups = 1_000;

    internal static async Task<IResult> List(Call call)
    {
        var all = call.Caller.IsAdmin && call.Query("all_tenants") is not null;
        var query = new ResourceQuery(SecurityGroupState.Kind) { ProjectId = all ? null : Project(call), Descending = false };
        var groups = await call.Get<IResourceIndex>().List<SecurityGroupState>(query, call.Aborted);
        var limited = groups.Skip(Number(call, "offset") ?? 0).Take(Math.Min(Number(call, "limit") ?? MostGroups, MostGroups)).ToArray();
        return Reply.Json(new { security_groups = await Render(call, limited) });
    }

    internal static async Task<IResult> Show(Call call)
    {
        var text = call.Path("security_group_id");
        if (!SecurityGroupId.TryParse(text, out var id))
            throw Fault.BadRequest("Security group id should be uuid");
        var group = await call.Get<IResourceIndex>().Find<SecurityGroupState>(SecurityGroupState.Kind, id.Text, call.Aborted);
        if (group is null || (!call.Caller.IsAdmin && group.ProjectId.Text != Project(call)))
            throw Fault.NotFound($"Security group {text} does not exist");
        return Reply.Json(new { security_group = (await Render(call, [group]))[0] });
    }

    /// <summary>The groups of a server.</summary>
    internal static async Task<IResult> OfServer(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        var ports = server.Nics.Count == 0 ? [] : await call.Get<IInstanceNetworks>().PortsOf(server.Id, call.Aborted);
        var ids = ports.SelectMany(static port => port.SecurityGroups).Select(static id => id.Text).Distinct().ToArray();
        IReadOnlyList<SecurityGroupState> groups = ids.Length == 0 ? [] : await call.Get<IResourceIndex>()
            .List<SecurityGroupState>(new(SecurityGroupState.Kind) { Ids = ids }, call.Aborted);
        return Reply.Json(new { security_groups = await Render(call, groups) });
    }

    private static async Task<IReadOnlyList<object>> Render(Call call, IReadOnlyList<SecurityGroupState> groups)
    {
        var remote = groups.SelectMany(static group => group.Rules).Where(IsIngress).Select(static rule => rule.RemoteGroupId)
            .OfType<SecurityGroupId>().Select(static id => id.Text).Except(groups.Select(static group => group.Id.Text)).ToArray();
        var known = groups.ToDictionary(static group => group.Id);
        foreach (var some in remote.Chunk(1_000))
        {
            var query = new ResourceQuery(SecurityGroupState.Kind) { Ids = some };
            foreach (var group in await call.Get<IResourceIndex>().List<SecurityGroupState>(query, call.Aborted))
                known[group.Id] = group;
        }

        return
        [
            .. groups.OrderBy(static group => group.ProjectId.Text, StringComparer.Ordinal)
                .ThenBy(static group => group.Name, StringComparer.Ordinal)
                .Select(group => new
                {
                    id = group.Id.Text,
                    description = group.Description,
                    name = group.Name,
                    tenant_id = group.ProjectId.Text,
                    // A rule about a group that is gone is left out, as nova does.
                    rules = group.Rules.Where(IsIngress).Where(rule => rule.RemoteGroupId is not { } id || known.ContainsKey(id))
                        .Select(rule => Rule(rule, known)),
                }),
        ];
    }

    private static object Rule(SecurityRule rule, Dictionary<SecurityGroupId, SecurityGroupState> known)
    {
        var anyPort = rule.Protocol is not null && rule.PortMin is null && rule.PortMax is null;
        var hasPorts = rule.Protocol is "tcp" or "udp";
        var remote = rule.RemoteGroupId is { } id ? known[id] : null;
        return new
        {
            id = rule.Id.Text,
            parent_group_id = rule.GroupId.Text,
            ip_protocol = rule.Protocol,
            from_port = anyPort ? hasPorts ? 1 : -1 : rule.PortMin,
            to_port = anyPort ? hasPorts ? 65_535 : -1 : rule.PortMax,
            group = remote is null
                ? new Dictionary<string, string>()
                : new() { ["name"] = remote.Name, ["tenant_id"] = remote.ProjectId.Text },
            ip_range = remote is null
                ? new Dictionary<string, string> { ["cidr"] = rule.RemoteIpPrefix ?? "0.0.0.0/0" }
                : [],
        };
    }

    private static bool IsIngress(SecurityRule rule) => rule.Direction == "ingress";

    private static string? Project(Call call) => call.Caller.ProjectId?.Text ?? "";

    private static int? Number(Call call, string name) => call.Query(name) switch
    {
        null => null,
        var text when int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) => number,
        var text => throw Fault.BadRequest($"Invalid input for query parameters {name}. Value: {text}. '{text}' does not match '^[0-9]*$'"),
    };
}
