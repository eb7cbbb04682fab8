using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>One user. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("user")]
internal sealed class UserGrain(
    [PersistentState(IdentityKinds.User, StorageNames.Records)] IPersistentState<UserState> record, TimeProvider time,
    IOptions<IdentityOptions> options) : Grain, IUserGrain
{
    public async Task<UserState> Create(NewUser user)
    {
        if (record.RecordExists)
            throw IdentityFaults.DuplicateName("user", user.Name, user.DomainId);
        var now = time.GetUtcNow();
        var made = UserState.Create(user, now);
        if (user.Password is { } password)
            made = made.WithPassword(password, bySelf: false, options.Value.SecurityCompliance, now);
        await Write(made, user.DomainId);
        return record.State;
    }

    public async Task<UserState> Update(UserChange change)
    {
        var user = Existing();
        var now = time.GetUtcNow();
        var next = user.Apply(change, now);
        if (change.Password is { } password)
            next = Voided(next.WithPassword(password, bySelf: false, options.Value.SecurityCompliance, now), now);
        else if (change.ClearPassword)
            next = next with { Password = null, PasswordExpiresAt = null };
        await Write(next, null);
        return record.State;
    }

    public async Task ChangePassword(PasswordHash expected, PasswordHash next)
    {
        // Two changes at once, both proven with the same old password: the second one's proof has expired.
        if (Existing().Password != expected)
            throw IdentityFaults.Unauthorized();
        var now = time.GetUtcNow();
        var rules = options.Value.SecurityCompliance;
        record.State.RequireChangeable(rules, now);
        await record.Write(Voided(record.State.WithPassword(next, bySelf: true, rules, now), now));
    }

    public async Task LeaveProject(ProjectId project)
    {
        if (record.RecordExists && record.State.DefaultProjectId == project)
            await record.Write(record.State.Apply(new() { ClearDefaultProject = true }, time.GetUtcNow()));
    }

    public async Task Unlink(string providerId, string? protocolId)
    {
        if (!record.RecordExists)
            return;
        var links = record.State.Links;
        Federation.FederatedIdentity[] left =
            [.. links.Where(link => link.ProviderId != providerId || (protocolId is not null && link.ProtocolId != protocolId))];
        if (left.Length < links.Count)
            await Write(record.State.Apply(new() { FederatedAs = left }, time.GetUtcNow()), null);
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    // A name that is taken is told with its user domain to who makes a user, and without to who renames one.
    private async Task Write(UserState next, UserDomainId? told)
    {
        try
        {
            await record.Write(next);
        }
        catch (DuplicateKeyException taken)
        {
            throw next.Links.Any(link => link.LinkKey == taken.Key)
                ? IdentityFaults.Duplicate("federated_user", "Duplicate entry")
                : IdentityFaults.DuplicateName("user", next.Name, told);
        }
    }

    // Whoever had a token may have had it by the old password.
    private static UserState Voided(UserState user, DateTimeOffset now) => user with { TokensNotBefore = now, UpdatedAt = now };

    private UserState Existing() => record.RecordExists ? record.State : throw IdentityFaults.NotFound("user", this.GetPrimaryKeyString());
}
