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
            throw Taken(role.Name, role.DomainId);
        var now = time.GetUtcNow();
        var next = new RoleState
        {
            Id = role.Id,
            Name = role.Name,
            DomainId = role.DomainId,
            Description = role.Description,
            Extra = role.Extra,
            Options = ResourceOptions.Merge(null, role.Options),
            CreatedAt = now,
            UpdatedAt = now,
        };
        await record.Write(next, () => Taken(role.Name, role.DomainId));
        return record.State;
    }

    public async Task<RoleState> Update(RoleChange change)
    {
        var role = Existing();
        ResourceOptions.RequireMutable(role.Options, change.Options, change.OptionsAlone, "role", role.Id.Text);
        var next = role with
        {
            Name = change.Name ?? role.Name,
            Description = change.Description ?? role.Description,
            Extra = ExtraAttributes.Merge(role.Extra, change.Extra),
            Options = ResourceOptions.Merge(role.Options, change.Options),
            UpdatedAt = time.GetUtcNow(),
        };
        await record.Write(next, () => Taken(next.Name, null));
        return record.State;
    }

    public async Task Imply(RoleId implied)
    {
        var role = Existing();
        if (role.Implies.Contains(implied))
            throw IdentityFaults.Duplicate("implied_role", "Duplicate entry");
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
        ResourceOptions.RequireDeletable(Existing().Options, "role", this.GetPrimaryKeyString());
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private static Fault Taken(string name, UserDomainId? domain) => IdentityFaults.DuplicateName("role", name, domain);

    private RoleState Existing() => record.RecordExists ? record.State : throw IdentityFaults.NotFound("role", this.GetPrimaryKeyString());
}
