using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One service of the catalog.</summary>
[GrainType("service")]
internal sealed class ServiceGrain(
    [PersistentState(IdentityKinds.Service, StorageNames.Records)] IPersistentState<ServiceState> record, TimeProvider time)
        : IdentityRecordGrain<ServiceState>(record, time, "service"), IServiceGrain
{
    public Task<ServiceState> Create(ServiceState service) => Add(now => service with { CreatedAt = now, UpdatedAt = now });

    public Task<ServiceState> Update(ServiceChange change) => Change((service, now) => service with
    {
        Type = change.Type ?? service.Type,
        Name = change.Name ?? service.Name,
        Enabled = change.Enabled ?? service.Enabled,
        Extra = ExtraAttributes.Merge(service.Extra, change.Extra),
        UpdatedAt = now,
    });
}

/// <summary>One endpoint of the catalog.</summary>
[GrainType("endpoint")]
internal sealed class EndpointGrain(
    [PersistentState(IdentityKinds.Endpoint, StorageNames.Records)] IPersistentState<EndpointState> record, TimeProvider time)
        : IdentityRecordGrain<EndpointState>(record, time, "endpoint"), IEndpointGrain
{
    public Task<EndpointState> Create(EndpointState endpoint) => Add(now => endpoint with { CreatedAt = now, UpdatedAt = now });

    public Task<EndpointState> Update(EndpointChange change) => Change((endpoint, now) => endpoint with
    {
        Interface = change.Interface ?? endpoint.Interface,
        ServiceId = change.ServiceId ?? endpoint.ServiceId,
        RegionId = change.RegionId ?? endpoint.RegionId,
        Url = change.Url ?? endpoint.Url,
        Enabled = change.Enabled ?? endpoint.Enabled,
        Extra = ExtraAttributes.Merge(endpoint.Extra, change.Extra),
        UpdatedAt = now,
    });
}

/// <summary>One region.</summary>
[GrainType("region")]
internal sealed class RegionGrain(
    [PersistentState(IdentityKinds.Region, StorageNames.Records)] IPersistentState<RegionState> record, TimeProvider time)
        : IdentityRecordGrain<RegionState>(record, time, "region"), IRegionGrain
{
    public Task<RegionState> Create(RegionState region) => Current is null
        ? Add(now => region with { CreatedAt = now, UpdatedAt = now })
        : throw Taken(region);

    public Task<RegionState> Update(RegionChange change) => Change((region, now) => region with
    {
        Description = change.Description ?? region.Description,
        ParentRegionId = change.ClearParent ? null : change.ParentRegionId ?? region.ParentRegionId,
        Extra = ExtraAttributes.Merge(region.Extra, change.Extra),
        UpdatedAt = now,
    });

    /// <inheritdoc/>
    protected override Fault Taken(RegionState next) => IdentityFaults.Duplicate("region", $"Duplicate ID, {next.Id}.");
}
