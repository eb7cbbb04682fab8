using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary><c>/projects</c>. A user domain answers here too, as the project that acts as one.</summary>
internal static class ProjectEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "project");
        call.Require(call.Route.Policy, IdentityTargets.New("project", body));
        if (body.Bool("is_domain") == true)
        {
            if (body.Text("parent_id") is not null || body.Text("domain_id") is not null)
                throw Fault.BadRequest("ValidationError", "only root projects are allowed to act as domains.");
            var domain = DomainBodies.ToNew(body, null, body.Options());
            var made = await call.Grain<IUserDomainGrain>(domain.Id).Create(domain);
            return IdentityReplies.Member("project", DomainBodies.AsProject(made, call), 201);
        }

        var project = await Place(call, body);
        return IdentityReplies.Member("project", ProjectBodies.Of(await call.Grain<IProjectGrain>(project.Id).Create(project), call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var bodies = call.Query("is_domain") is { } wanted && IdentityFilters.IsTrue(wanted)
            ? await ActingDomains(call)
            : await Projects(call);
        return IdentityReplies.List(call, "projects", bodies.Filter(call, "name", "enabled", "domain_id", "parent_id"));
    }

    internal static async Task<IResult> Show(Call call)
    {
        if (await FindActingDomain(call) is { } domain)
        {
            var acting = DomainBodies.AsProject(domain, call);
            await ProjectTreeBodies.Add(acting, domain, call);
            return IdentityReplies.Member("project", acting);
        }

        var project = await Find(call);
        var body = ProjectBodies.Of(project, call);
        await ProjectTreeBodies.Add(body, project, call);
        return IdentityReplies.Member("project", body);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "project");
        if (await FindActingDomain(call) is { } domain)
        {
            RequireStaysDomain(body, domain);
            var changed = await call.Grain<IUserDomainGrain>(domain.Id).Update(DomainBodies.ToChange(body, body.Options()));
            return IdentityReplies.Member("project", DomainBodies.AsProject(changed, call).WithExtraTwice(changed.Extra));
        }

        var project = await Find(call);
        body.RequireId(project.Id.Text);
        DomainEndpoints.RequireSame(body, project.DomainId);
        await RequireAllowed(call, project, body);
        var next = await call.Grain<IProjectGrain>(project.Id).Update(ProjectBodies.ToChange(body));
        return IdentityReplies.Member("project", ProjectBodies.Of(next, call).WithExtraTwice(next.Extra));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        if (await FindActingDomain(call) is { } domain)
            await call.Get<IdentityRemoval>().RemoveDomain(domain, call.Aborted);
        else
            await call.Get<IdentityRemoval>().RemoveProject((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    /// <summary>The project of the path, which the caller may ask about.</summary>
    internal static async Task<ProjectState> Find(Call call)
    {
        var id = call.Path("project_id");
        var project = await call.Get<IdentityIndex>().FindProject(id, call.Aborted);
        call.Require(call.Route.Policy, IdentityTargets.Project(id, project));
        return project ?? throw IdentityFaults.NotFound("project", id);
    }

    // Whose token is for one user domain sees the projects in it; the one that acts as it lies in none.
    private static async Task<IEnumerable<Dictionary<string, object?>>> ActingDomains(Call call)
    {
        if (call.Caller.DomainId is not null)
            return [];
        var query = new ResourceQuery(IdentityKinds.UserDomain) { Sort = ResourceSort.Name, Descending = false };
        var domains = await call.Get<IResourceIndex>().List<UserDomainState>(query, call.Aborted);
        return domains.Where(domain => TagEndpoints.Matches(domain.Tags, call)).Select(domain => DomainBodies.AsProject(domain, call));
    }

    private static async Task<IEnumerable<Dictionary<string, object?>>> Projects(Call call)
    {
        var query = new ResourceQuery(IdentityKinds.Project) { Sort = ResourceSort.Name, Descending = false };
        var domain = call.Caller.DomainId?.Text ?? call.Query("domain_id");
        if (domain is not null)
            query = query.WithRef("domain", domain);
        if (call.Query("parent_id") is { } parent)
            query = query.WithRef("parent", parent);
        var projects = call.Query("name") is { } name
            ? await call.Get<IdentityIndex>().ByName<ProjectState>(
                query, name, domain, home => ProjectState.NameKey(home, name), static project => project.Id.Text, call.Aborted)
            : await call.Get<IResourceIndex>().List<ProjectState>(query, call.Aborted);
        return projects.Where(project => TagEndpoints.Matches(project.Tags, call)).Select(project => ProjectBodies.Of(project, call));
    }

    /// <summary>The user domain that the path names as a project; null when it is another project, or none.</summary>
    internal static async Task<UserDomainState?> FindActingDomain(Call call)
    {
        if (await call.Get<IdentityIndex>().FindDomain(call.Path("project_id"), call.Aborted) is not { } domain)
            return null;
        call.Require(call.Route.Policy, IdentityTargets.ActingDomain(domain));
        return domain;
    }

    /// <summary>Finds a new project's place in the tree.</summary>
    private static async Task<NewProject> Place(Call call, IdentityBody body)
    {
        var index = call.Get<IdentityIndex>();
        var parentId = body.Text("parent_id");
        var asked = body.Text("domain_id") ?? call.Caller.DomainId?.Text ?? UserDomainState.Default.Text;
        var domain = await index.FindDomain(asked, call.Aborted)
            ?? throw Fault.BadRequest("ValidationError", $"Could not find domain: {asked}.");
        if (parentId is null || parentId == domain.Id.Text)
            return ProjectBodies.ToNew(body, domain.Id, null);
        if (await index.FindProject(parentId, call.Aborted) is not { } parent)
        {
            throw Fault.BadRequest("ValidationError", await index.FindDomain(parentId, call.Aborted) is null
                ? $"Could not find project: {parentId}."
                : $"Cannot create project, the parent ({parentId}) is acting as a domain, but this project's domain id "
                + $"({domain.Id}) does not match the parent's id.");
        }

        if (parent.DomainId != domain.Id)
        {
            throw Fault.BadRequest("ValidationError",
                $"Cannot create project, since it specifies its domain_id {domain.Id}, but specifies a parent in "
                + $"a different domain ({parent.DomainId}).");
        }

        var above = await index.Ancestors(parent, call.Aborted);
        if (above.Prepend(parent).FirstOrDefault(static project => !project.Enabled) is { } disabled)
            throw Fault.BadRequest("ValidationError", $"cannot create a project in a branch containing a disabled project: {disabled.Id}");
        return above.Count + 2 <= call.Get<IOptions<IdentityOptions>>().Value.MaxProjectLevels
            ? ProjectBodies.ToNew(body, domain.Id, parent.Id)
            : throw IdentityFaults.Refused($"Max hierarchy depth reached for {parent.Id} branch.");
    }

    private static void RequireStaysDomain(IdentityBody body, UserDomainState domain)
    {
        body.RequireId(domain.Id.Text);
        if (body.Text("domain_id") is not null)
            throw Fault.BadRequest("ValidationError", "Cannot change Domain ID");
        if (body.Text("parent_id") is not null)
            throw IdentityFaults.Refused("Update of `parent_id` is not allowed.");
        if (body.Bool("is_domain") == false)
            throw Fault.BadRequest("ValidationError", "Update of `is_domain` is not allowed.");
    }

    private static async Task RequireAllowed(Call call, ProjectState project, IdentityBody body)
    {
        if (body.Has("parent_id") && body.Text("parent_id") != project.ParentText)
            throw IdentityFaults.Refused("Update of `parent_id` is not allowed.");
        if (body.Bool("is_domain") == true)
            throw Fault.BadRequest("ValidationError", "Update of `is_domain` is not allowed.");
        var index = call.Get<IdentityIndex>();
        // A body that says nothing of it counts as one that enables, as in Keystone.
        if (!project.Enabled && body.Bool("enabled") != false
            && (await index.Ancestors(project, call.Aborted)).Any(static above => !above.Enabled))
            throw IdentityFaults.Refused($"Cannot enable project {project.Id} since it has disabled parents");
        if (project.Enabled && body.Bool("enabled") == false
            && (await index.Below(project.Id.Text, call.Aborted)).Any(static below => below.Enabled))
            throw IdentityFaults.Refused($"Cannot disable project {project.Id} since its subtree contains enabled projects.");
    }
}
