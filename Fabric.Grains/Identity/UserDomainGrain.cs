using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One user domain. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("user_domain")]
internal sealed class UserDomainGrain(
    [PersistentState(IdentityKinds.UserDomain, StorageNames.Records)] IPersistentState<UserDomainState> record, TimeProvider time)
    : Grain, IUserDomainGrain
{
    public async Task<UserDomainState> Create(NewUserDomain domain)
    {
        if (record.RecordExists)
            throw IdentityFaults.DuplicateDomain(domain.Name);
        var now = time.GetUtcNow();
        var next = new UserDomainState
        {
            Id = domain.Id,
            Name = domain.Name,
            Enabled = domain.Enabled,
            Description = domain.Description,
            Tags = ProjectTags.Ordered(domain.Tags),
            Extra = domain.Extra,
            Options = ResourceOptions.Merge(null, domain.Options),
            CreatedAt = now,
            UpdatedAt = now,
        };
        await record.Write(next, () => IdentityFaults.DuplicateDomain(domain.Name));
        return record.State;
    }

    public async Task<UserDomainState> Update(ProjectChange change)
    {
        var domain = Existing();
        ResourceOptions.RequireMutable(domain.Options, change.Options, change.OptionsAlone, "domain", domain.Id.Text);
        var next = domain.Apply(change, time.GetUtcNow());
        await record.Write(next, () => IdentityFaults.DuplicateDomain(next.Name));
        return record.State;
    }

    public Task SetTags(IReadOnlyList<string> tags) => Retag("update", _ => ProjectTags.Ordered(tags));

    public Task AddTag(string tag) => Retag("create", tags => ProjectTags.With(tags, tag));

    public Task RemoveTag(string tag) => Retag("delete", tags => ProjectTags.Without(tags, tag));

    public async Task Delete()
    {
        var domain = Existing();
        ResourceOptions.RequireDeletable(domain.Options, "domain", domain.Id.Text);
        if (domain.Enabled)
            throw IdentityFaults.Refused("Cannot delete a domain that is enabled, please disable it first.");
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private Task Retag(string act, Func<IReadOnlyList<string>, IReadOnlyList<string>> change)
    {
        var domain = Existing();
        ProjectTags.RequireMutable(domain.Options, act, domain.Id.Text);
        var tags = change(domain.Tags);
        return ReferenceEquals(tags, domain.Tags)
            ? Task.CompletedTask
            : record.Write(domain.Apply(new() { Tags = tags }, time.GetUtcNow()));
    }

    private UserDomainState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("domain", this.GetPrimaryKeyString());
}
