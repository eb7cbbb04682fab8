namespace Fabric.Grains.Identity;

/// <summary>One registered limit. Its key is its id.</summary>
[Alias("identity.IRegisteredLimitGrain")]
public interface IRegisteredLimitGrain : IGrainWithStringKey
{
    /// <summary>Makes it; its times are set here. A conflict when the resource has one.</summary>
    Task<RegisteredLimitState> Create(RegisteredLimitState limit);

    /// <summary>Replaces it; not found, or a conflict when the resource has another one.</summary>
    Task<RegisteredLimitState> Replace(RegisteredLimitState limit);

    /// <summary>Removes it; nothing when there is none.</summary>
    Task Delete();
}

/// <summary>One limit. Its key is its id.</summary>
[Alias("identity.ILimitGrain")]
public interface ILimitGrain : IGrainWithStringKey
{
    /// <summary>Makes it; its times are set here. A conflict when the project or user domain has one.</summary>
    Task<LimitState> Create(LimitState limit);

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<LimitState> Update(int? limit, string? description);

    /// <summary>Removes it; nothing when there is none.</summary>
    Task Delete();
}
