using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One project. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("project")]
internal sealed class ProjectGrain(
    [PersistentState(IdentityKinds.Project, StorageNames.Records)] IPersistentState<ProjectState> record, TimeProvider time)
        : Grain, IProjectGrain
{
    public async Task<ProjectState> Create(NewProject project)
    {
        if (record.RecordExists)
            throw IdentityFaults.DuplicateProject(project.Name, project.Id);
        var now = time.GetUtcNow();
        var next = new ProjectState
        {
            Id = project.Id,
            Name = project.Name,
            DomainId = project.DomainId,
            ParentId = project.ParentId,
            Enabled = project.Enabled,
            Description = project.Description,
            Tags = ProjectTags.Ordered(project.Tags),
            Extra = project.Extra,
            Options = ResourceOptions.Merge(null, project.Options),
            CreatedAt = now,
            UpdatedAt = now,
        };
        await record.Write(next, () => IdentityFaults.DuplicateProject(project.Name, project.Id));
        return record.State;
    }

    public async Task<ProjectState> Update(ProjectChange change)
    {
        var project = Existing();
        ResourceOptions.RequireMutable(project.Options, change.Options, change.OptionsAlone, "project", project.Id.Text);
        var next = project.Apply(change, time.GetUtcNow());
        await record.Write(next, () => IdentityFaults.DuplicateProject(next.Name, next.Id));
        return record.State;
    }

    public Task SetTags(IReadOnlyList<string> tags) => Retag("update", _ => ProjectTags.Ordered(tags));

    public Task AddTag(string tag) => Retag("create", tags => ProjectTags.With(tags, tag));

    public Task RemoveTag(string tag) => Retag("delete", tags => ProjectTags.Without(tags, tag));

    public async Task Delete()
    {
        ResourceOptions.RequireDeletable(Existing().Options, "project", this.GetPrimaryKeyString());
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private Task Retag(string act, Func<IReadOnlyList<string>, IReadOnlyList<string>> change)
    {
        var project = Existing();
        ProjectTags.RequireMutable(project.Options, act, project.Id.Text);
        var tags = change(project.Tags);
        return ReferenceEquals(tags, project.Tags)
            ? Task.CompletedTask
            : record.Write(project.Apply(new() { Tags = tags }, time.GetUtcNow()));
    }

    private ProjectState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("project", this.GetPrimaryKeyString());
}
