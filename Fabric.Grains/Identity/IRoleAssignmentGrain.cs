using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>The roles of one actor on one target. Its key is <see cref="AssignmentKey.Text"/>.</summary>
[Alias("identity.IRoleAssignmentGrain")]
public interface IRoleAssignmentGrain : IGrainWithStringKey
{
    /// <summary>Adds a role. Durable when it returns; twice is once.</summary>
    Task Grant(AssignmentKey key, RoleId role);

    /// <summary>Takes a role away; false when it was not there.</summary>
    Task<bool> Revoke(RoleId role);

    /// <summary>Takes all roles away; nothing when there are none.</summary>
    Task RevokeAll();
}
