using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>One identity provider. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("identity_provider")]
internal sealed class IdentityProviderGrain(
    [PersistentState(FederationKinds.Provider, StorageNames.Records)] IPersistentState<IdentityProviderState> record, TimeProvider time)
    : Grain, IIdentityProviderGrain
{
    public async Task<IdentityProviderState> Create(NewIdentityProvider provider)
    {
        var id = this.GetPrimaryKeyString();
        if (record.RecordExists)
            throw FederationFaults.DuplicateProvider(id);
        var now = time.GetUtcNow();
        await Write(new()
        {
            Id = id,
            DomainId = provider.DomainId,
            Enabled = provider.Enabled,
            Description = provider.Description,
            RemoteIds = Ordered(provider.RemoteIds),
            AuthorizationTtl = provider.AuthorizationTtl,
            CreatedAt = now,
            UpdatedAt = now,
        });
        return record.State;
    }

    public async Task<IdentityProviderState> Update(IdentityProviderChange change)
    {
        var old = Existing();
        await Write(old with
        {
            Enabled = change.Enabled ?? old.Enabled,
            Description = change.ClearDescription ? null : change.Description ?? old.Description,
            RemoteIds = change.RemoteIds is { } ids ? Ordered(ids) : old.RemoteIds,
            AuthorizationTtl = change.ClearAuthorizationTtl ? null : change.AuthorizationTtl ?? old.AuthorizationTtl,
        });
        return record.State;
    }

    public async Task<FederationProtocol> AddProtocol(FederationProtocol protocol)
    {
        var provider = Existing();
        if (provider.Protocol(protocol.Id) is not null)
            throw IdentityFaults.Duplicate("federation_protocol", $"Duplicate entry found with ID {protocol.Id}");
        await Write(provider with { Protocols = [.. provider.Protocols, protocol] });
        return protocol;
    }

    public async Task<FederationProtocol> ChangeProtocol(string id, string? mappingId, string? remoteIdAttribute)
    {
        var provider = Existing();
        var old = provider.Protocol(id) ?? throw FederationFaults.NoProtocol(provider.Id, id);
        var next = old with { MappingId = mappingId ?? old.MappingId, RemoteIdAttribute = remoteIdAttribute ?? old.RemoteIdAttribute };
        await Write(provider with { Protocols = [.. provider.Protocols.Select(protocol => protocol.Id == id ? next : protocol)] });
        return next;
    }

    public async Task RemoveProtocol(string id)
    {
        var provider = Existing();
        if (provider.Protocol(id) is null)
            throw FederationFaults.NoProtocol(provider.Id, id);
        await Write(provider with { Protocols = [.. provider.Protocols.Where(protocol => protocol.Id != id)] });
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    // The database keeps remote ids in order, and so do we: a client reads them the same each time.
    private static IReadOnlyList<string> Ordered(IReadOnlyList<string> ids) => [.. ids.Order(StringComparer.Ordinal)];

    private async Task Write(IdentityProviderState next)
    {
        try
        {
            await record.Write(next with { UpdatedAt = time.GetUtcNow() });
        }
        catch (DuplicateKeyException taken)
        {
            throw FederationFaults.DuplicateRemoteId(
                next.RemoteIds.FirstOrDefault(id => IdentityProviderState.RemoteIdKey(id) == taken.Key) ?? taken.Key);
        }
    }

    private IdentityProviderState Existing() =>
        record.RecordExists ? record.State : throw FederationFaults.NoProvider(this.GetPrimaryKeyString());
}
