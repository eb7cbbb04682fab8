using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>One mapping. The only writer of its record.</summary>
[GrainType("identity_mapping")]
internal sealed class MappingGrain(
    [PersistentState(FederationKinds.Mapping, StorageNames.Records)] IPersistentState<MappingState> record, TimeProvider time)
    : Grain, IMappingGrain
{
    public async Task<MappingState> Create(string rules)
    {
        if (record.RecordExists)
            throw IdentityFaults.Duplicate("mapping", "Duplicate entry");
        var now = time.GetUtcNow();
        await record.Write(new MappingState { Id = this.GetPrimaryKeyString(), Rules = rules, CreatedAt = now, UpdatedAt = now });
        return record.State;
    }

    public async Task<MappingState> Update(string rules)
    {
        await record.Write(Existing() with { Rules = rules, UpdatedAt = time.GetUtcNow() });
        return record.State;
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private MappingState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("mapping", this.GetPrimaryKeyString());
}

/// <summary>One service provider. The only writer of its record.</summary>
[GrainType("service_provider")]
internal sealed class ServiceProviderGrain(
    [PersistentState(FederationKinds.ServiceProvider, StorageNames.Records)] IPersistentState<ServiceProviderState> record,
    TimeProvider time) : Grain, IServiceProviderGrain
{
    public async Task<ServiceProviderState> Create(ServiceProviderState provider)
    {
        if (record.RecordExists)
            throw IdentityFaults.Duplicate("service_provider", "Duplicate entry found with ID " + provider.Id);
        var now = time.GetUtcNow();
        await record.Write(provider with { CreatedAt = now, UpdatedAt = now });
        return record.State;
    }

    public async Task<ServiceProviderState> Update(ServiceProviderChange change)
    {
        var old = Existing();
        await record.Write(old with
        {
            Enabled = change.Enabled ?? old.Enabled,
            Description = change.ClearDescription ? null : change.Description ?? old.Description,
            AuthUrl = change.AuthUrl ?? old.AuthUrl,
            SpUrl = change.SpUrl ?? old.SpUrl,
            RelayStatePrefix = change.RelayStatePrefix ?? old.RelayStatePrefix,
            UpdatedAt = time.GetUtcNow(),
        });
        return record.State;
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private ServiceProviderState Existing() =>
        record.RecordExists ? record.State : throw FederationFaults.NoServiceProvider(this.GetPrimaryKeyString());
}
