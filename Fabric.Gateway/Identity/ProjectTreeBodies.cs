using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What stands above and below a project, when its reader asks for it.</summary>
internal static class ProjectTreeBodies
{
    internal static async Task Add(Dictionary<string, object?> body, ProjectState project, Call call)
    {
        foreach (var side in (string[])["parents", "subtree"])
        {
            if (call.IsSet(side + "_as_list") && call.IsSet(side + "_as_ids"))
                throw Fault.BadRequest("ValidationError", $"Cannot use {side}_as_list and {side}_as_ids query params at the same time.");
        }

        var index = call.Get<IdentityIndex>();
        if (call.IsSet("parents_as_list") || call.IsSet("parents_as_ids"))
        {
            var above = await index.Ancestors(project, call.Aborted);
            body["parents"] = call.IsSet("parents_as_list") ? await Visible(above, call)
                : Chain([.. above.Select(p => p.Id.Text), project.DomainId.Text]);
        }

        if (call.IsSet("subtree_as_list") || call.IsSet("subtree_as_ids"))
        {
            var below = await index.Below(project.Id.Text, call.Aborted);
            body["subtree"] = call.IsSet("subtree_as_list") ? await Visible(below, call)
                : Nest(project.Id.Text, below.ToLookup(p => p.ParentText));
        }
    }

    // As a list, only the projects that the caller has a role on (source: list_project_parents in keystone/resource/core.py).
    private static async Task<object[]> Visible(IReadOnlyList<ProjectState> projects, Call call)
    {
        var own = (await call.Get<IdentityIndex>().ProjectsOf(call.Caller.UserId, call.Aborted)).Select(
            static project => project.Id).ToHashSet();
        return [.. projects.Where(project => own.Contains(project.Id)).Select(
            project => new { project = ProjectBodies.Of(project, call) })];
    }

    private static Dictionary<string, object?>? Chain(ReadOnlySpan<string> ids) =>
        ids.IsEmpty ? null : new() { [ids[0]] = Chain(ids[1..]) };

    private static Dictionary<string, object?>? Nest(string id, ILookup<string, ProjectState> children)
    {
        var below = children[id].ToDictionary(static child => child.Id.Text, child => (object?)Nest(child.Id.Text, children));
        return below.Count == 0 ? null : below;
    }
}
