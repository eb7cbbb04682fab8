using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One service of the catalog. The only writer of its record.</summary>
[GrainType("service")]
internal sealed class ServiceGrain(
    [PersistentState(IdentityKinds.Service, StorageNames.Records)] IPersistentState<ServiceState> record, TimeProvider time)
        : Grain, IServiceGrain
{
    public async Task<ServiceState> Create(ServiceState service)
    {
        if (record.RecordExists)
            throw IdentityFaults.Duplicate("service", "Duplicate ID, " + service.Id);
        var now = time.GetUtcNow();
        await record.Write(service with { CreatedAt = now, UpdatedAt = now });
        return record.State;
    }

    public async Task<ServiceState> Update(ServiceChange change)
    {
        var service = Existing();
        await record.Write(service with
        {
            Type = change.Type ?? service.Type,
            Name = change.Name ?? service.Name,
            Description = change.Description ?? service.Description,
            Enabled = change.Enabled ?? service.Enabled,
            Extra = ExtraAttributes.Merge(service.Extra, change.Extra),
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

    private ServiceState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("service", this.GetPrimaryKeyString());
}

/// <summary>One endpoint of the catalog. The only writer of its record.</summary>
[GrainType("endpoint")]
internal sealed class EndpointGrain(
    [PersistentState(IdentityKinds.Endpoint, StorageNames.Records)] IPersistentState<EndpointState> record, TimeProvider time)
        : Grain, IEndpointGrain
{
    public async Task<EndpointState> Create(EndpointState endpoint)
    {
        if (record.RecordExists)
            throw IdentityFaults.Duplicate("endpoint", "Duplicate ID, " + endpoint.Id);
        var now = time.GetUtcNow();
        await record.Write(endpoint with { CreatedAt = now, UpdatedAt = now });
        return record.State;
    }

    public async Task<EndpointState> Update(EndpointChange change)
    {
        var endpoint = Existing();
        await record.Write(endpoint with
        {
            Interface = change.Interface ?? endpoint.Interface,
            ServiceId = change.ServiceId ?? endpoint.ServiceId,
            RegionId = change.RegionId ?? endpoint.RegionId,
            Url = change.Url ?? endpoint.Url,
            Enabled = change.Enabled ?? endpoint.Enabled,
            Extra = ExtraAttributes.Merge(endpoint.Extra, change.Extra),
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

    private EndpointState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("endpoint", this.GetPrimaryKeyString());
}

/// <summary>One region. The only writer of its record.</summary>
[GrainType("region")]
internal sealed class RegionGrain(
    [PersistentState(IdentityKinds.Region, StorageNames.Records)] IPersistentState<RegionState> record, TimeProvider time)
        : Grain, IRegionGrain
{
    public async Task<RegionState> Create(RegionState region)
    {
        if (record.RecordExists)
            throw IdentityFaults.Duplicate("region", "Duplicate ID, " + region.Id);
        var now = time.GetUtcNow();
        await record.Write(region with { CreatedAt = now, UpdatedAt = now });
        return record.State;
    }

    public async Task<RegionState> Update(RegionChange change)
    {
        var region = Existing();
        await record.Write(region with
        {
            Description = change.Description ?? region.Description,
            ParentRegionId = change.ParentRegionId ?? region.ParentRegionId,
            Extra = ExtraAttributes.Merge(region.Extra, change.Extra),
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

    private RegionState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("region", this.GetPrimaryKeyString());
}
