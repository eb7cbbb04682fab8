using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/auth/projects</c>, <c>/auth/domains</c>, <c>/auth/system</c>, <c>/auth/catalog</c>: where a token's holder has roles, and
/// so could go, unless the place is switched off.</summary>
internal static class AuthEndpoints
{
    internal static async Task<IResult> Projects(Call call)
    {
        var projects = (await call.Get<IdentityIndex>().ProjectsOf(call.Caller.UserId, call.Aborted))
            .UnionBy(await FederatedScopes.Projects(call), static project => project.Id);
        return IdentityReplies.Whole(call, "projects", projects.Select(project => ProjectBodies.Of(project, call)));
    }

    internal static async Task<IResult> Domains(Call call)
    {
        var index = call.Get<IdentityIndex>();
        var held = (await index.HeldBy(call.Caller.UserId, call.Aborted)).Concat(await FederatedScopes.Held(call))
            .Where(static assignment => assignment.Key is { Target: AssignmentTarget.Domain, Inherited: false })
            .Select(static assignment => assignment.Key.TargetId).Distinct();
        var domains = await index.ByIds<UserDomainState>(IdentityKinds.UserDomain, held, call.Aborted);
        return IdentityReplies.Whole(call, "domains", domains.Select(domain => DomainBodies.Of(domain, call)));
    }

    internal static async Task<IResult> Systems(Call call)
    {
        var roles = await call.Get<IdentityIndex>().RolesOn(call.Caller.UserId, AssignmentTarget.System, "all", call.Aborted);
        return Reply.Json(new
        {
            system = roles.Count == 0 ? System.Array.Empty<object>() : [new { all = true }],
            links = new { self = call.BaseUrl + "/auth/system" },
        });
    }

    internal static async Task<IResult> Catalog(Call call)
    {
        var project = call.Caller.ProjectId ?? throw IdentityFaults.Forbidden();
        return Reply.Utf8(await call.Get<CatalogReplies>().Of(
            call.Caller.UserId, project, TokenEndpoints.Address(call), call.BaseUrl + "/auth/catalog", call.Aborted));
    }
}
