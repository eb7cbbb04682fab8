namespace Fabric.Grains.Identity.Federation;

/// <summary>One mapping. Its key is the mapping's id, which its maker chooses.</summary>
[Alias("identity.IMappingGrain")]
public interface IMappingGrain : IGrainWithStringKey
{
    /// <summary>Makes the mapping; a conflict when it is there already.</summary>
    /// <param name="rules">See <see cref="MappingState.Rules"/>; checked by the caller.</param>
    Task<MappingState> Create(string rules);

    /// <summary>Replaces the rules; not found when there is no mapping.</summary>
    Task<MappingState> Update(string rules);

    /// <summary>Removes the mapping; not found when there is none.</summary>
    Task Delete();
}

/// <summary>One service provider. Its key is the provider's id, which its maker chooses.</summary>
[Alias("identity.IServiceProviderGrain")]
public interface IServiceProviderGrain : IGrainWithStringKey
{
    /// <summary>Makes the provider, its times set here; a conflict when it is there already.</summary>
    Task<ServiceProviderState> Create(ServiceProviderState provider);

    /// <summary>Changes the provider; not found when there is none.</summary>
    Task<ServiceProviderState> Update(ServiceProviderChange change);

    /// <summary>Removes the provider; not found when there is none.</summary>
    Task Delete();
}

/// <summary>What to change of a service provider; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.serviceproviderchange")]
public sealed record ServiceProviderChange
{
    [Id(0)] public bool? Enabled { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public bool ClearDescription { get; init; }
    [Id(3)] public string? AuthUrl { get; init; }
    [Id(4)] public string? SpUrl { get; init; }
    [Id(5)] public string? RelayStatePrefix { get; init; }
}
