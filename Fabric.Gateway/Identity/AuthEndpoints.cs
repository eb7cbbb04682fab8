using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/auth/projects</c>, <c>/auth/domains</c>, <c>/auth/system</c>, <c>/auth/catalog</c>: where a token's holder could
/// go.</summary>
internal static class AuthEndpoints
{
    internal static async Task<IResult> Projects(Call call)
    {
        var projects = await call.Get<IdentityIndex>().ProjectsOf(call.Caller.UserId, call.Aborted);
        return IdentityReplies.List(
            call, "projects", projects.Where(static project => project.Enabled).Select(p => ProjectBodies.Of(p, call)));
    }

    internal static async Task<IResult> Domains(Call call)
    {
        var index = call.Get<IdentityIndex>();
        var domains = new List<UserDomainState>();
        foreach (var assignment in await index.AssignmentsOf(AssignmentActor.User, call.Caller.UserId.Text, call.Aborted))
        {
            if (assignment.Key is { Target: AssignmentTarget.Domain, Inherited: false }
                && await index.FindDomain(assignment.Key.TargetId, call.Aborted) is { Enabled: true } domain)
                domains.Add(domain);
        }

        return IdentityReplies.List(call, "domains", domains.Select(domain => DomainBodies.Of(domain, call)));
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
        if (call.Caller.ProjectId is null)
            throw IdentityFaults.Forbidden();
        var catalog = await call.Get<IdentityIndex>().Catalog(call.Aborted);
        return Reply.Json(new
        {
            catalog = TokenBodies.Catalog(catalog, TokenEndpoints.Address(call), call.Caller.ProjectId),
            links = new { self = call.BaseUrl + "/auth/catalog" },
        });
    }
}
