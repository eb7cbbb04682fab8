using System.Text.Json;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Tells for whom an identity provider vouches (source: <c>handle_unscoped_token</c> in
/// <c>keystone/auth/plugins/mapped.py</c>).</summary>
internal sealed partial class FederatedLogin(
    FederationIndex federation, IdentityIndex index, AssertionReader assertions, ShadowUsers shadows, IOptions<FederationOptions> options,
    ILogger<FederatedLogin> logger)
{
    /// <summary>What is done for a login. What proves nothing is refused, in the same words whatever it is; the log says what.</summary>
    internal async Task<T> Guarded<T>(string providerId, string protocolId, Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (AssertionRefusedException why)
        {
            throw Refused(providerId, protocolId, why);
        }
    }

    /// <summary>Who it is. Whatever is wrong with a proof, the answer is the same; the log says what it was.</summary>
    internal async Task<AuthProof> Prove(
        string providerId, string protocolId, PresentedProof proof, PathString path, CancellationToken ct)
    {
        try
        {
            var provider = await federation.FindProvider(providerId, ct) ?? throw FederationFaults.NoProvider(providerId);
            if (!provider.Enabled)
                throw FederationFaults.Forbidden();
            var protocol = provider.Protocol(protocolId) ?? throw FederationFaults.NoProtocol(providerId, protocolId);
            var said = await assertions.Read(providerId, protocolId, proof, path, ct);
            RequireRemoteId(provider, protocol, said);
            var mapping = await federation.FindMapping(protocol.MappingId, ct)
                ?? throw IdentityFaults.NotFound("mapping", protocol.MappingId);
            using var rules = JsonDocument.Parse(mapping.Rules);
            var mapped = MappingEngine.Process(rules.RootElement, said);
            return mapped.User.Type == MappedUser.Local
                ? new(await FindLocal(mapped.User, ct))
                : await Shadow(provider, protocolId, mapped, said.GetValueOrDefault(AssertionReader.RemoteUser), ct);
        }
        catch (Exception why) when (why is AssertionRefusedException or MappingRefusedException)
        {
            throw Refused(providerId, protocolId, why);
        }
    }

    /// <summary>The identity provider that is said to have made a proof, by one of its remote ids.</summary>
    internal async Task<string> FindProvider(string protocolId, PresentedProof proof, CancellationToken ct)
    {
        try
        {
            var issuer = proof.ClaimedIssuer() ?? throw new AssertionRefusedException("There is no proof, and so nobody who made it.");
            return (await federation.FindProviderByRemoteId(issuer, ct) ?? throw FederationFaults.NoProvider(issuer)).Id;
        }
        catch (AssertionRefusedException why)
        {
            throw Refused("?", protocolId, why);
        }
    }

    private Fault Refused(string provider, string protocol, Exception why)
    {
        LogRefused(provider, protocol, why.Message);
        return IdentityFaults.Unauthorized();
    }

    // Whose word it is must be one of the provider's names, when it has any and something says which attribute holds it.
    private void RequireRemoteId(IdentityProviderState provider, FederationProtocol protocol, IReadOnlyDictionary<string, string> said)
    {
        if ((protocol.RemoteIdAttribute ?? options.Value.RemoteIdAttribute) is not { Length: > 0 } attribute
            || provider.RemoteIds.Count == 0)
            return;
        if (!said.TryGetValue(attribute, out var remote))
            throw new AssertionRefusedException("Nothing names the provider that said it.");
        if (!provider.RemoteIds.Contains(remote))
            throw FederationFaults.Forbidden();
    }

    private async Task<AuthProof> Shadow(
        IdentityProviderState provider, string protocol, MappedIdentity mapped, string? remoteUser, CancellationToken ct)
    {
        var user = mapped.User;
        var name = user.Name ?? remoteUser;
        if ((user.Id ?? name) is not { Length: > 0 } id)
            throw new MappingRefusedException("The mapping names no user, and neither does the proof.");
        var groups = await FindGroups(mapped, ct);
        var who = new FederatedIdentity(provider.Id, protocol, Quote(id));
        var shadow = await shadows.Of(provider, who, name ?? id, user.Email, ct);
        await shadows.Join(provider, shadow, groups);
        await shadows.Provision(provider, shadow, mapped.Projects, ct);
        return new(shadow)
        {
            IdentityProviderId = provider.Id,
            ProtocolId = protocol,
            GroupIds = [.. groups.Select(static group => group.Text)],
        };
    }

    // A group named by id must be there; one named by name may be missing.
    private async Task<IReadOnlyList<GroupId>> FindGroups(MappedIdentity mapped, CancellationToken ct)
    {
        var found = new List<GroupId>();
        foreach (var id in mapped.GroupIds)
        {
            found.Add((await index.FindGroup(id, ct)
                ?? throw new MappingRefusedException($"The mapping names the group {id}, which is not there.")).Id);
        }

        foreach (var (name, named) in mapped.Groups)
        {
            var domain = named.Id is { Length: > 0 } id
                ? new UserDomainId(id)
                : (await index.FindDomainByName(named.Name ?? "", ct) ?? throw IdentityFaults.NotFound("domain", named.Name ?? "")).Id;
            if (await federation.FindGroupByName(domain, name, ct) is { } group)
                found.Add(group.Id);
        }

        return [.. found.Distinct()];
    }

    private async Task<UserState> FindLocal(MappedUser named, CancellationToken ct)
    {
        var user = named.Id is { } id ? await index.FindUser(id, ct)
            : await FindDomain(named.Domain, ct) is { } domain && named.Name is { } name
                ? await index.FindUserByName(domain.Id, name, ct)
                : throw new MappingRefusedException("The mapping names a local user by neither an id nor a name and a domain.");
        return user is { Enabled: true } ? user : throw new MappingRefusedException("The mapping names a local user who is not there.");
    }

    private async Task<UserDomainState?> FindDomain(MappedDomain? named, CancellationToken ct) => named switch
    {
        { Id: { } id } => await index.FindDomain(id, ct),
        { Name: { } name } => await index.FindDomainByName(name, ct),
        _ => null,
    };

    // As Python quotes: a slash stays.
    private static string Quote(string id) => Uri.EscapeDataString(id).Replace("%2F", "/", StringComparison.Ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A login by {Provider}, {Protocol}, was refused: {Reason}")]
    private partial void LogRefused(string provider, string protocol, string reason);
}
