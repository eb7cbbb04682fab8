namespace Fabric.Grains.Identity;

/// <summary>One service of the catalog. Its key is the service's id.</summary>
[Alias("identity.IServiceGrain")]
public interface IServiceGrain : IGrainWithStringKey
{
    /// <summary>Makes the service; its times are set here. A conflict when it is there already.</summary>
    Task<ServiceState> Create(ServiceState service);

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<ServiceState> Update(ServiceChange change);

    /// <summary>Removes the service; not found when there is none.</summary>
    Task Delete();
}

/// <summary>One endpoint of the catalog. Its key is the endpoint's id.</summary>
[Alias("identity.IEndpointGrain")]
public interface IEndpointGrain : IGrainWithStringKey
{
    /// <summary>Makes the endpoint; its times are set here. A conflict when it is there already.</summary>
    Task<EndpointState> Create(EndpointState endpoint);

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<EndpointState> Update(EndpointChange change);

    /// <summary>Removes the endpoint; not found when there is none.</summary>
    Task Delete();
}

/// <summary>One region. Its key is the region's id, which its maker may choose.</summary>
[Alias("identity.IRegionGrain")]
public interface IRegionGrain : IGrainWithStringKey
{
    /// <summary>Makes the region; its times are set here. A conflict when it is there already.</summary>
    Task<RegionState> Create(RegionState region);

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<RegionState> Update(RegionChange change);

    /// <summary>Removes the region; not found when there is none.</summary>
    Task Delete();
}

/// <summary>What to change of a service; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.servicechange")]
public sealed record ServiceChange
{
    [Id(0)] public string? Type { get; init; }
    [Id(1)] public string? Name { get; init; }
    [Id(3)] public bool? Enabled { get; init; }
    [Id(4)] public string? Extra { get; init; }
}

/// <summary>What to change of an endpoint; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.endpointchange")]
public sealed record EndpointChange
{
    [Id(0)] public string? Interface { get; init; }
    [Id(1)] public string? ServiceId { get; init; }
    [Id(2)] public string? RegionId { get; init; }
    [Id(3)] public string? Url { get; init; }
    [Id(4)] public bool? Enabled { get; init; }
    [Id(5)] public string? Extra { get; init; }
}

/// <summary>What to change of a region; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.regionchange")]
public sealed record RegionChange
{
    [Id(0)] public string? Description { get; init; }
    [Id(1)] public string? ParentRegionId { get; init; }
    [Id(2)] public string? Extra { get; init; }

    /// <summary>The region has no parent from now on.</summary>
    [Id(3)] public bool ClearParent { get; init; }
}
