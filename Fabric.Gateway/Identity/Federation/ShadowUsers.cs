using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Keeps the shadows of users whom identity providers know, and gives them what the mapping says: groups for a while, projects
/// and roles for good (source: <c>keystone/auth/plugins/mapped.py</c>).</summary>
internal sealed class ShadowUsers(
    IdentityIndex index, FederationIndex federation, IGrainFactory grains, IOptions<FederationOptions> options)
{
    /// <summary>For how long memberships are kept, in case a provider's settings make them count for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>The shadow of a user, made or brought up to date.</summary>
    internal async Task<UserState> Of(
        IdentityProviderState provider, FederatedIdentity who, string name, string? email, CancellationToken ct)
    {
        var extra = email is null ? null : JsonSerializer.Serialize(new { email });
        var shadow = await Find(provider, who, ct) ?? await Make(provider, who, name, extra, ct);
        var mail = ExtraAttributes.Read(shadow.Extra).FirstOrDefault(static one => one.Key == "email").Value;
        // A user of the cloud's own keeps its name, whatever the provider calls it.
        var called = shadow.Shadow is null ? shadow.Name : name;
        var links = shadow.FederatedAs is null || shadow.Links.Count == 0 ? shadow.Links.Append(who).Distinct().ToArray() : null;
        if (shadow.Name == called && links is null
            && (email is null || (mail.ValueKind == JsonValueKind.String && mail.GetString() == email)))
            return shadow;
        return await grains.GetGrain<IUserGrain>(shadow.Id.Text).Update(new() { Name = called, Extra = extra, FederatedAs = links });
    }

    // A shadow in another user domain is one of a provider that is no more, which logged in while that was being removed.
    private async Task<UserState?> Find(IdentityProviderState provider, FederatedIdentity who, CancellationToken ct)
    {
        if (await federation.FindShadow(who, provider.DomainId, ct) is not { } found)
            return null;
        if (found.Shadow is null || found.DomainId == provider.DomainId)
            return found;
        await grains.GetGrain<IUserGrain>(found.Id.Text).Unlink(provider.Id, null);
        return null;
    }

    /// <summary>The user is in these groups for as long as the provider's settings say: for what outlives the token, such as what it
    /// delegates.</summary>
    internal async Task Join(IdentityProviderState provider, UserState shadow, IReadOnlyList<GroupId> groups)
    {
        if (groups.Count > 0 && provider.StayInGroups(options.Value) is { Ticks: > 0 } stay)
            await grains.GetGrain<IFederatedGroupsGrain>(shadow.Id.Text).Verify(provider.Id, groups, stay > Longest ? stay : Longest);
    }

    /// <summary>Makes the projects that are not there and gives the user its roles on all. Nothing is made when one of the roles cannot be
    /// given.</summary>
    internal async Task Provision(
        IdentityProviderState provider, UserState shadow, IReadOnlyList<MappedProject> projects, CancellationToken ct)
    {
        if (projects.Count == 0)
            return;
        var roles = await index.Roles(ct);
        var given = projects.Select(project => (project.Name, Roles: project.Roles.Select(role => Role(roles, role, provider)).ToArray()));
        foreach (var (name, held) in given.ToArray())
        {
            var project = await index.FindProjectByName(provider.DomainId, name, ct) ?? await MakeProject(provider.DomainId, name, ct);
            var key = new AssignmentKey(AssignmentActor.User, shadow.Id.Text, AssignmentTarget.Project, project.Id.Text);
            foreach (var role in held)
                await grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, role);
        }
    }

    private static RoleId Role(RoleSet roles, string name, IdentityProviderState provider)
    {
        var named = roles.All.Where(role => role.Name == name).OrderBy(static role => role.DomainId is not null).ToArray();
        if (named.Length == 0)
            throw IdentityFaults.NotFound("role", name);
        return named.FirstOrDefault(role => role.DomainId is null || role.DomainId == provider.DomainId)?.Id
            ?? throw new Fault(FaultKind.Forbidden, "DomainSpecificRoleNotWithinIdPDomain",
                $"role: {name} must be within the same domain as the identity provider: {provider.Id}.");
    }

    // Two first logins of one user at once: one makes the shadow, the other finds it.
    private async Task<UserState> Make(
        IdentityProviderState provider, FederatedIdentity who, string name, string? extra, CancellationToken ct)
    {
        var id = who.ShadowId(provider.DomainId);
        try
        {
            return await grains.GetGrain<IUserGrain>(id.Text).Create(new()
            {
                Id = id, Name = name, DomainId = provider.DomainId, Extra = extra, Shadow = who,
            });
        }
        catch (Fault taken) when (taken.Kind == FaultKind.Conflict)
        {
            if (await federation.FindShadow(who, provider.DomainId, ct) is { } other)
                return other;
            // The provider was removed and made anew, with the same user domain.
            return await index.FindUser(id.Text, ct) is { Links.Count: 0 } forgotten && forgotten.Shadow == who
                ? forgotten
                : throw IdentityFaults.Duplicate("federated_user", "Duplicate entry");
        }
    }

    private async Task<ProjectState> MakeProject(UserDomainId domain, string name, CancellationToken ct)
    {
        var id = ProjectId.New();
        try
        {
            return await grains.GetGrain<IProjectGrain>(id.Text).Create(
                new() { Id = id, Name = name, DomainId = domain, Description = "" });
        }
        catch (Fault taken) when (taken.Kind == FaultKind.Conflict)
        {
            // Another login made it meanwhile.
            if (await index.FindProjectByName(domain, name, ct) is { } other)
                return other;
            throw;
        }
    }
}
