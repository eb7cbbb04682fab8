using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One user. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("user")]
internal sealed class UserGrain(
    [PersistentState(IdentityKinds.User, StorageNames.Records)] IPersistentState<UserState> record, TimeProvider time) : Grain, IUserGrain
{
    public async Task<UserState> Create(NewUser user)
    {
        if (record.RecordExists)
            throw IdentityFaults.DuplicateName("user", user.Name, user.DomainId);
        await record.Write(UserState.Create(user, time.GetUtcNow()), () => IdentityFaults.DuplicateName("user", user.Name, user.DomainId));
        return record.State;
    }

    public async Task<UserState> Update(UserChange change)
    {
        var user = Existing();
        var next = user.Apply(change, time.GetUtcNow());
        await record.Write(next, () => IdentityFaults.DuplicateName("user", next.Name, next.DomainId));
        return record.State;
    }

    public async Task ChangePassword(PasswordHash expected, PasswordHash next)
    {
        // Two changes at once, both proven with the same old password: the second one's proof has expired.
        if (Existing().Password != expected)
            throw IdentityFaults.Unauthorized();
        await record.Write(record.State.Apply(new() { Password = next }, time.GetUtcNow()));
    }

    public async Task LeaveProject(ProjectId project)
    {
        if (record.RecordExists && record.State.DefaultProjectId == project)
            await record.Write(record.State.Apply(new() { ClearDefaultProject = true }, time.GetUtcNow()));
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private UserState Existing() => record.RecordExists ? record.State : throw IdentityFaults.NotFound("user", this.GetPrimaryKeyString());
}
