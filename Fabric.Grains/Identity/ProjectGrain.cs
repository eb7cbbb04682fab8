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
            Tags = project.Tags,
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

    public Task SetTags(IReadOnlyList<string> tags) =>
        record.Write(WithTags("update").Apply(new() { Tags = tags }, time.GetUtcNow()));

    public async Task AddTag(string tag)
    {
        var project = WithTags("create");
        if (!project.Tags.Contains(tag, StringComparer.Ordinal))
            await record.Write(project.Apply(new() { Tags = [.. project.Tags, tag] }, time.GetUtcNow()));
    }

    public async Task RemoveTag(string tag)
    {
        var project = WithTags("delete");
        if (!project.Tags.Contains(tag, StringComparer.Ordinal))
            throw IdentityFaults.NotFound("project tag", tag);
        await record.Write(project.Apply(new() { Tags = [.. project.Tags.Where(other => other != tag)] }, time.GetUtcNow()));
    }

    public async Task Delete()
    {
        ResourceOptions.RequireDeletable(Existing().Options, "project", this.GetPrimaryKeyString());
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private ProjectState WithTags(string act)
    {
        var project = Existing();
        return ResourceOptions.IsSet(project.Options, ResourceOptions.Immutable)
            ? throw new Fault(FaultKind.Forbidden, "ResourceUpdateForbidden", $"Cannot {act} project tags for {project.Id}, project is "
                + "immutable. Set \"immutable\" option to false before creating project tags.")
            : project;
    }

    private ProjectState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("project", this.GetPrimaryKeyString());
}
