using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/domains</c></summary>
internal static class DomainEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "domain");
        var domain = DomainBodies.ToNew(body, DomainBodies.Explicit(body), body.LooseOptions());
        return IdentityReplies.Member("domain", DomainBodies.Of(await call.Grain<IUserDomainGrain>(domain.Id).Create(domain), call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var query = new ResourceQuery(IdentityKinds.UserDomain) { Sort = ResourceSort.Name, Descending = false };
        var domains = await call.Get<IResourceIndex>().List<UserDomainState>(query, call.Aborted);
        return IdentityReplies.List(
            call, "domains", domains.Select(domain => DomainBodies.Of(domain, call)).Filter(call, "name", "enabled"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("domain", DomainBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "domain");
        var domain = await Find(call);
        // What is immutable is freed as the project that acts as it, and not here: Keystone adds attributes to the request, and so it is
        // never about options alone.
        var changed = await call.Grain<IUserDomainGrain>(domain.Id).Update(
            DomainBodies.ToChange(body, body.LooseOptions()) with { OptionsAlone = false });
        return IdentityReplies.Member("domain", DomainBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveDomain(await Find(call), call.Aborted);
        return Reply.Empty();
    }

    /// <summary>The user domain of the path, which the caller may ask about.</summary>
    internal static async Task<UserDomainState> Find(Call call)
    {
        var id = call.Path("domain_id");
        var domain = await call.Get<IdentityIndex>().FindDomain(id, call.Aborted);
        call.Require(call.Route.Policy, IdentityTargets.Domain(domain));
        return domain ?? throw IdentityFaults.NotFound("domain", id);
    }

    /// <summary>Where a new thing goes: where the body says, else the domain of a domain's token, else the default one, whatever
    /// project the token is for.</summary>
    internal static async Task<UserDomainState> OfNew(Call call, string? asked)
    {
        var id = asked ?? call.Caller.DomainId?.Text ?? UserDomainState.Default.Text;
        return await call.Get<IdentityIndex>().FindDomain(id, call.Aborted) ?? throw IdentityFaults.NotFound("domain", id);
    }

    /// <summary>Nothing moves to another user domain.</summary>
    internal static void RequireSame(IdentityBody body, UserDomainId domain)
    {
        if (body.Has("domain_id") && body.Text("domain_id") != domain.Text)
            throw Fault.BadRequest("ValidationError", "Cannot change Domain ID");
    }
}
