namespace Fabric.Grains.Identity;

/// <summary>Projects at one moment, to walk down from any of them without asking again.</summary>
public sealed class ProjectForest(IReadOnlyList<ProjectState> projects)
{
    private readonly ILookup<string, string> children =
        projects.ToLookup(static project => project.ParentText, static project => project.Id.Text);

    /// <summary>Ids of the projects on which a role inherited from there holds: all below it, each after its parent.</summary>
    public IEnumerable<string> Below(AssignmentKey key) => Below(key.TargetId);

    private IEnumerable<string> Below(string id)
    {
        var next = new Queue<string>(children[id]);
        while (next.TryDequeue(out var child))
        {
            yield return child;
            foreach (var below in children[child])
                next.Enqueue(below);
        }
    }
}
