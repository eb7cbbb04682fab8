namespace Fabric.Grains.Identity;

/// <summary>One registered limit. Its key is its id.</summary>
[Alias("identity.IRegisteredLimitGrain")]
public interface IRegisteredLimitGrain : IGrainWithStringKey
{
    /// <summary>Makes it, for nobody to see yet; its times are set here. Twice is once; a conflict when the resource has one.</summary>
    Task Prepare(RegisteredLimitState limit);

    /// <summary>All see it from now on; nothing when it is gone.</summary>
    Task Show();

    /// <summary>Takes it back, unless it was shown.</summary>
    Task Discard();

    /// <summary>Lets a limit stand on it whose record is written already. Forbidden when there is none for that resource any
    /// more.</summary>
    Task Support(string service, string? region, string resource);

    /// <summary>Changes it. Not found; forbidden when limits stand on it; a conflict when the resource has another one.</summary>
    Task<RegisteredLimitState> Update(RegisteredLimitChange change);

    /// <summary>Removes it; not found when there is none, forbidden when limits stand on it.</summary>
    Task Delete();
}

/// <summary>One limit. Its key is its id.</summary>
[Alias("identity.ILimitGrain")]
public interface ILimitGrain : IGrainWithStringKey
{
    /// <summary>Makes it, for nobody to see yet; its times are set here. Twice is once; a conflict when the project or user domain has
    /// one.</summary>
    Task Prepare(LimitState limit);

    /// <summary>All see it from now on; nothing when it is gone.</summary>
    Task Show();

    /// <summary>Takes it back, unless it was shown.</summary>
    Task Discard();

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<LimitState> Update(int? limit, string? description);

    /// <summary>Removes it; nothing when there is none.</summary>
    Task Delete();
}

/// <summary>What to change of a registered limit; null leaves as it is, unless it is named.</summary>
[GenerateSerializer, Immutable, Alias("identity.registeredlimitchange")]
public sealed record RegisteredLimitChange
{
    [Id(0)] public string? ServiceId { get; init; }
    [Id(1)] public string? RegionId { get; init; }
    [Id(2)] public bool NamesRegion { get; init; }
    [Id(3)] public string? ResourceName { get; init; }
    [Id(4)] public int? DefaultLimit { get; init; }
    [Id(5)] public string? Description { get; init; }
    [Id(6)] public bool NamesDescription { get; init; }

    /// <summary>Whether it says for which resource the limit is.</summary>
    public bool NamesResource => ServiceId is not null || NamesRegion || ResourceName is not null;
}
