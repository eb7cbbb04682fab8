using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>The roles of one actor on one target. The only writer of its record; there is no record without a role.</summary>
[GrainType("role_assignment")]
internal sealed class RoleAssignmentGrain(
    [PersistentState(IdentityKinds.Assignment, StorageNames.Records)] IPersistentState<RoleAssignmentState> record, TimeProvider time)
    : Grain, IRoleAssignmentGrain
{
    public Task Grant(AssignmentKey key, RoleId role)
    {
        var now = time.GetUtcNow();
        if (!record.RecordExists)
            return record.Write(new RoleAssignmentState { Key = key, Roles = [role], CreatedAt = now, UpdatedAt = now });
        return record.State.Roles.Contains(role)
            ? Task.CompletedTask
            : record.Write(record.State with { Roles = [.. record.State.Roles, role], UpdatedAt = now });
    }

    public async Task<bool> Revoke(RoleId role)
    {
        if (!record.RecordExists || !record.State.Roles.Contains(role))
            return false;
        if (record.State.Roles.Count == 1)
            await RevokeAll();
        else
            await record.Write(record.State
                with { Roles = [.. record.State.Roles.Where(other => other != role)], UpdatedAt = time.GetUtcNow() });
        return true;
    }

    public async Task RevokeAll()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}
