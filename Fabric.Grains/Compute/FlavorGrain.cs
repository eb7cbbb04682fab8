using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <inheritdoc cref="IFlavorGrain"/>
[GrainType("compute.flavor")]
internal sealed class FlavorGrain([PersistentState(FlavorState.Kind)] IPersistentState<FlavorState> record, TimeProvider clock)
    : Grain, IFlavorGrain
{
    private FlavorState State => record.RecordExists ? record.State : throw ComputeFaults.FlavorNotFound(this.GetPrimaryKeyString());

    public async Task<FlavorState> Create(FlavorState flavor)
    {
        if (record.RecordExists)
            throw Fault.Conflict("FlavorIdExists", $"Flavor with ID {flavor.Id} already exists.");
        try
        {
            return await Write(flavor with { CreatedAt = clock.GetUtcNow() });
        }
        catch (DuplicateKeyException)
        {
            throw Fault.Conflict("FlavorExists", $"Flavor with name {flavor.Name} already exists.");
        }
    }

    public Task<FlavorState> Describe(string? description) => Write(State with { Description = description });

    public async Task Delete()
    {
        _ = State;
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    public Task<FlavorState> SetExtraSpecs(IReadOnlyDictionary<string, string> specs)
    {
        var all = new Dictionary<string, string>(State.ExtraSpecs, StringComparer.Ordinal);
        foreach (var (key, value) in specs)
            all[key] = value;
        return Write(State with { ExtraSpecs = all });
    }

    public Task RemoveExtraSpec(string key)
    {
        var all = new Dictionary<string, string>(State.ExtraSpecs, StringComparer.Ordinal);
        if (!all.Remove(key))
            throw Fault.NotFound("FlavorExtraSpecsNotFound", $"Flavor {State.Id} has no extra specs with key {key}.");
        return Write(State with { ExtraSpecs = all });
    }

    public Task<FlavorState> AddAccess(ProjectId project) => State.Projects.Contains(project)
        ? throw Fault.Conflict("FlavorAccessExists",
            $"Flavor access already exists for flavor {State.Id} and project {project} combination.")
        : Write(State with { Projects = [.. State.Projects, project] });

    public Task<FlavorState> RemoveAccess(ProjectId project) => State.Projects.Contains(project)
        ? Write(State with { Projects = [.. State.Projects.Where(other => other != project)] })
        : throw Fault.NotFound("FlavorAccessNotFound", $"Flavor access not found for {State.Id} / {project} combination.");

    private async Task<FlavorState> Write(FlavorState next)
    {
        next = next with { UpdatedAt = clock.GetUtcNow() };
        await record.Save(next);
        return next;
    }
}
