using System.Globalization;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary>One list of servers: its filters, its order, its page. What the index has columns for, it does; the rest is looked at
/// on the records.</summary>
internal sealed class ServerList(Call call, bool detail)
{
    private const int MaxPage = 1_000;
    private readonly ServerFilters filters = new(call);

    /// <summary>How many servers a full page has.</summary>
    internal int Limit { get; private set; }

    internal async Task<IReadOnlyList<InstanceState>> Read()
    {
        var paging = call.Paging(MaxPage);
        Limit = paging.Limit;
        filters.CheckNames();
        if (Statuses() is not { } statuses || Limit == 0)
            return [];
        if (call.Query("deleted") is { } deleted && call.Caller.IsAdmin && ComputeJson.IsTrue(deleted))
            return [];
        var query = new ResourceQuery(InstanceState.Kind)
        {
            ProjectId = Project(),
            Ids = await Ids(),
            Statuses = statuses.Count == 0 ? null : statuses,
            ChangedSince = filters.ChangedSince(),
            Where = filters.Predicate(),
        };
        if (filters.Exact("host") is { } host)
            query = query.WithRef("node", host);
        if (filters.Exact("flavor") is { } flavor)
            query = query.WithRef("flavor", flavor);
        if ((filters.Exact("image") ?? filters.Exact("image_ref")) is { } image)
            query = query.WithRef("image", image);
        if (call.Caller.ProjectId is null && query.ProjectId is null && !AllTenants())
            query = query.WithRef("user", call.Caller.UserId.Text);
        return await Sorted(query, paging);
    }

    private string? Project()
    {
        if (!AllTenants())
            return call.Caller.ProjectId?.Text;
        call.Require(detail ? ServerPolicies.DetailAllTenants : ServerPolicies.IndexAllTenants);
        return call.Query("tenant_id") ?? call.Query("project_id");
    }

    private bool AllTenants()
    {
        if (call.Query("all_tenants") is not { } text)
            return false;
        if (text.Length == 0 || ComputeJson.IsTrue(text))
            return true;
        return ComputeJson.IsFalse(text) ? false : throw Fault.BadRequest($"Invalid value '{text}' for all_tenants");
    }

    /// <summary>Null: none can match. Empty: any.</summary>
    private List<string>? Statuses()
    {
        var asked = call.QueryAll("status");
        if (asked.Count == 0)
            return [];
        var found = new List<string>();
        var known = false;
        foreach (var status in asked)
        {
            var text = (status ?? "").ToUpperInvariant();
            if (text == "DELETED" && !call.Caller.IsAdmin)
                throw new Fault(FaultKind.Forbidden, "Forbidden", "Only administrators may list deleted instances");
            known |= InstanceStatus.All.Contains(text) || InstanceStatus.Foreign.Contains(text);

            // Nova looks for the state in which a server rests, so one that restarts is still found among the active ones.
            if (text == "ACTIVE")
                found.AddRange(["ACTIVE", "REBOOT", "HARD_REBOOT"]);
            else if (InstanceStatus.All.Contains(text))
                found.Add(text);
        }

        if (!known && call.Microversion >= "2.38")
            throw Fault.BadRequest("Invalid status value");
        return found.Count > 0 ? found : null;
    }

    private async Task<IReadOnlyList<string>?> Ids()
    {
        if (filters.Regex("ip") is { } v4)
            return await WithAddress(v4);
        if (call.Microversion >= "2.5" && filters.Regex("ip6") is { } v6)
            return await WithAddress(v6);
        return filters.Exact("uuid") is { } id ? [id] : null;
    }

    private async Task<IReadOnlyList<string>> WithAddress(Regex pattern)
    {
        ProjectId? project = Project() is { } text ? new ProjectId(text) : null;
        var found = await call.Get<IInstanceNetworks>().WithAddress(pattern.IsMatch, project, call.Aborted);
        return [.. found.Take(MaxPage).Select(static id => id.Text)];
    }

    private async Task<IReadOnlyList<InstanceState>> Sorted(ResourceQuery query, Paging paging)
    {
        var (keys, directions) = ServerSort.Of(call);
        var index = call.Get<IResourceIndex>();
        try
        {
            if (keys.Count == 1 && ServerSort.Column(keys[0]) is { } column)
            {
                return await index.List<InstanceState>(
                    query with { Sort = column, Descending = directions[0] == "desc", Paging = paging with { Reverse = false } },
                    call.Aborted);
            }
        }
        catch (Fault fault) when (fault.Type == "MarkerNotFound")
        {
            throw ComputeFaults.MarkerNotFound(paging.Marker!);
        }

        var all = ServerSort.Order(await index.List<InstanceState>(query, call.Aborted), keys, directions).ToList();
        if (paging.Marker is { } marker)
        {
            var at = all.FindIndex(server => server.Id.Text == marker);
            if (at < 0)
                throw ComputeFaults.MarkerNotFound(marker);
            all.RemoveRange(0, at + 1);
        }

        return [.. all.Take(paging.Limit)];
    }
}
