namespace Fabric.Grains.Identity;

/// <summary>One group of endpoints. Its key is its id.</summary>
[Alias("identity.IEndpointGroupGrain")]
public interface IEndpointGroupGrain : IGrainWithStringKey
{
    /// <summary>Makes it; its times are set here.</summary>
    Task<EndpointGroupState> Create(EndpointGroupState group);

    /// <summary>Replaces all but its times; not found when there is none.</summary>
    Task<EndpointGroupState> Replace(EndpointGroupState group);

    /// <summary>Removes it; not found when there is none.</summary>
    Task Delete();
}

/// <summary>One endpoint, or group of them, in one project's catalog. Its key is <see cref="EndpointLinkState.Key"/>.</summary>
[Alias("identity.IEndpointLinkGrain")]
public interface IEndpointLinkGrain : IGrainWithStringKey
{
    /// <summary>Shows it; false when it is shown already.</summary>
    Task<bool> Link(EndpointLinkState link);

    /// <summary>Hides it; false when it is not shown.</summary>
    Task<bool> Unlink();
}

/// <summary>One policy. Its key is its id.</summary>
[Alias("identity.IPolicyGrain")]
public interface IPolicyGrain : IGrainWithStringKey
{
    /// <summary>Makes it; its times are set here.</summary>
    Task<PolicyState> Create(PolicyState policy);

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<PolicyState> Update(string? type, string? blob, string? extra);

    /// <summary>Removes it; not found when there is none.</summary>
    Task Delete();
}

/// <summary>Which policy holds in one place. Its key is <see cref="PolicyPlace.Key"/>.</summary>
[Alias("identity.IEndpointPolicyGrain")]
public interface IEndpointPolicyGrain : IGrainWithStringKey
{
    /// <summary>The policy holds there from now on, instead of any other.</summary>
    Task Set(PolicyPlace place, string policy);

    /// <summary>It holds there no longer; false when it did not.</summary>
    Task<bool> Unset(string policy);
}
