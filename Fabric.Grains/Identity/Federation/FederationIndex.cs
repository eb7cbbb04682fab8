using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>Federation's records as they are looked for. Never calls a grain.</summary>
public sealed class FederationIndex(IResourceIndex index)
{
    private Kept? serviceProviders;

    public Task<IdentityProviderState?> FindProvider(string id, CancellationToken ct) =>
        index.Find<IdentityProviderState>(FederationKinds.Provider, id, ct);

    public Task<MappingState?> FindMapping(string id, CancellationToken ct) =>
        index.Find<MappingState>(FederationKinds.Mapping, id, ct);

    public Task<ServiceProviderState?> FindServiceProvider(string id, CancellationToken ct) =>
        index.Find<ServiceProviderState>(FederationKinds.ServiceProvider, id, ct);

    /// <summary>All identity providers, by id.</summary>
    public Task<IReadOnlyList<IdentityProviderState>> Providers(CancellationToken ct) =>
        index.List<IdentityProviderState>(All(FederationKinds.Provider), ct);

    /// <summary>The identity providers whose users are in a user domain.</summary>
    public Task<IReadOnlyList<string>> ProvidersIn(string domain, CancellationToken ct) =>
        index.ListIds(new ResourceQuery(FederationKinds.Provider).WithRef("domain", domain), ct);

    /// <summary>The identity provider that has the remote id, or null.</summary>
    public async Task<IdentityProviderState?> FindProviderByRemoteId(string remoteId, CancellationToken ct) =>
        await index.FindByUniqueKey(IdentityProviderState.RemoteIdKey(remoteId), ct) is { } holder
            ? await FindProvider(holder.Id, ct)
            : null;

    /// <summary>The user whom a provider knows so, or null.</summary>
    public async Task<UserState?> FindShadow(FederatedIdentity who, UserDomainId domain, CancellationToken ct) =>
        (await index.FindByUniqueKey(who.LinkKey, ct) ?? await index.FindByUniqueKey(who.Key(domain), ct)) is { } holder
            ? await index.Find<UserState>(holder.Kind, holder.Id, ct)
            : null;

    /// <summary>The users whom a provider knows, by one of its protocols or by any, by name.</summary>
    public Task<IReadOnlyList<UserState>> Users(FederatedFilter filter, ResourceQuery query, CancellationToken ct)
    {
        var where = query.Where;
        return index.List<UserState>(filter.Narrow(query) with
        {
            Where = user => where?.Invoke(user) != false && ((UserState)user).Links.Any(filter.Fits),
        }, ct);
    }

    /// <summary>The ids of the users whom a provider knows.</summary>
    internal Task<IReadOnlyList<string>> UserIds(string providerId, CancellationToken ct) =>
        index.ListIds(new FederatedFilter(providerId, null, null).Narrow(new ResourceQuery(IdentityKinds.User)), ct);

    public async Task<GroupState?> FindGroupByName(UserDomainId domain, string name, CancellationToken ct) =>
        await index.FindByUniqueKey(GroupState.NameKey(domain, name), ct) is { } holder
            ? await index.Find<GroupState>(holder.Kind, holder.Id, ct)
            : null;

    /// <summary>All mappings, by id.</summary>
    public Task<IReadOnlyList<MappingState>> Mappings(CancellationToken ct) => index.List<MappingState>(All(FederationKinds.Mapping), ct);

    /// <summary>All service providers, by id. Each token names those that are enabled, so the list is kept until one of them
    /// changes.</summary>
    public async ValueTask<IReadOnlyList<ServiceProviderState>> ServiceProviders(CancellationToken ct)
    {
        // The version is read before the records: a write in between makes the kept list old, never wrong for good.
        var version = await ServiceProvidersVersion(ct);
        if (serviceProviders is { } kept && kept.Version == version)
            return kept.Providers;
        var all = await index.List<ServiceProviderState>(All(FederationKinds.ServiceProvider), ct);
        serviceProviders = new(version, all);
        return all;
    }

    /// <summary>A number that stays the same only as long as no service provider changes.</summary>
    public ValueTask<long> ServiceProvidersVersion(CancellationToken ct) => index.Version(FederationKinds.ServiceProvider, ct);

    private static ResourceQuery All(string kind) => new(kind) { Sort = ResourceSort.Id, Descending = false };

    private sealed record Kept(long Version, IReadOnlyList<ServiceProviderState> Providers);
}
