using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What stands above and below a project, when its reader asks for it.</summary>
internal static class ProjectTreeBodies
{
    internal static async Task Add(Dictionary<string, object?> body, ProjectState project, Call call)
    {
        RequireOneForm(call);
        if (call.IsSet("parents_as_list") || call.IsSet("parents_as_ids"))
        {
            var above = await call.Get<IdentityIndex>().Ancestors(project, call.Aborted);
            body["parents"] = call.IsSet("parents_as_list") ? await Visible(above, call)
                : Chain([.. above.Select(p => p.Id.Text), project.DomainId.Text]);
        }

        await AddSubtree(body, project.Id.Text, call);
    }

    /// <summary>The same for a user domain as the project that acts as it: nothing stands above it.</summary>
    internal static async Task Add(Dictionary<string, object?> body, UserDomainState domain, Call call)
    {
        RequireOneForm(call);
        if (call.IsSet("parents_as_list"))
            body["parents"] = System.Array.Empty<object>();
        else if (call.IsSet("parents_as_ids"))
            body["parents"] = null;
        await AddSubtree(body, domain.Id.Text, call);
    }

    private static void RequireOneForm(Call call)
    {
        foreach (var side in (string[])["parents", "subtree"])
        {
            if (call.IsSet(side + "_as_list") && call.IsSet(side + "_as_ids"))
                throw Fault.BadRequest("ValidationError", $"Cannot use {side}_as_list and {side}_as_ids query params at the same time.");
        }
    }

    private static async Task AddSubtree(Dictionary<string, object?> body, string id, Call call)
    {
        if (!call.IsSet("subtree_as_list") && !call.IsSet("subtree_as_ids"))
            return;
        var below = await call.Get<IdentityIndex>().Below(id, call.Aborted);
        body["subtree"] = call.IsSet("subtree_as_list") ? await Visible(below, call) : Nest(id, below.ToLookup(p => p.ParentText));
    }

    // As a list, only the projects that the caller has a role on (source: list_project_parents in keystone/resource/core.py).
    private static async Task<object[]> Visible(IReadOnlyList<ProjectState> projects, Call call)
    {
        var own = (await call.Get<IdentityIndex>().ProjectsOf(call.Caller.UserId, call.Aborted)).Select(
            static project => project.Id).ToHashSet();
        var visible = projects.Where(project => own.Contains(project.Id)).ToList();
        var limits = call.IsSet("include_limits")
            ? (await call.Get<UnifiedLimits>().LimitsOf(visible.Select(static project => project.Id.Text), call.Aborted)).ToLookup(
                static limit => limit.ProjectId)
            : null;
        return [.. visible.Select(project =>
        {
            var body = ProjectBodies.Of(project, call);
            if (limits is not null)
                body["limits"] = limits[project.Id.Text].Select(LimitBodies.Bare).ToArray();
            return new { project = body };
        })];
    }

    private static Dictionary<string, object?>? Chain(ReadOnlySpan<string> ids) =>
        ids.IsEmpty ? null : new() { [ids[0]] = Chain(ids[1..]) };

    private static Dictionary<string, object?>? Nest(string id, ILookup<string, ProjectState> children)
    {
        var below = children[id].ToDictionary(static child => child.Id.Text, child => (object?)Nest(child.Id.Text, children));
        return below.Count == 0 ? null : below;
    }
}
