using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One role. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("role")]
internal sealed class RoleGrain(
    [PersistentState(IdentityKinds.Role, StorageNames.Records)] IPersistentState<RoleState> record, TimeProvider time) : Grain, IRoleGrain
{
    public async Task<RoleState> Create(NewRole role)
    {
        if (record.RecordExists)
            throw Taken(role.Name);
        var now = time.GetUtcNow();
        var next = new RoleState
        {
            Id = role.Id,
            Name = role.Name,
            DomainId = role.DomainId,
            Description = role.Description,
            Extra = role.Extra,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await record.Write(next, () => Taken(role.Name));
        return record.State;
    }

    public async Task<RoleState> Update(string? name, string? description, string? extra)
    {
        var role = Existing();
        var next = role with
        {
            Name = name ?? role.Name,
            Description = description ?? role.Description,
            Extra = ExtraAttributes.Merge(role.Extra, extra),
            UpdatedAt = time.GetUtcNow(),
        };
        await record.Write(next, () => Taken(next.Name));
        return record.State;
    }

    public async Task Imply(RoleId implied)
    {
        var role = Existing();
        if (!role.Implies.Contains(implied))
            await record.Write(role with { Implies = [.. role.Implies, implied], UpdatedAt = time.GetUtcNow() });
    }

    public async Task StopImplying(RoleId implied)
    {
        var role = Existing();
        if (!role.Implies.Contains(implied))
            throw Fault.NotFound("ImpliedRoleNotFound", $"{role.Id} does not imply {implied}.");
        await record.Write(role with { Implies = [.. role.Implies.Where(other => other != implied)], UpdatedAt = time.GetUtcNow() });
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private static Fault Taken(string name) => IdentityFaults.DuplicateName("role", name, null);

    private RoleState Existing() => record.RecordExists ? record.State : throw IdentityFaults.NotFound("role", this.GetPrimaryKeyString());
}
