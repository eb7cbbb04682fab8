namespace Fabric.Grains.Identity;

/// <summary>What holds along the tree of projects.</summary>
public static class ProjectTree
{
    /// <summary>More levels than any setting allows: no walk goes further.</summary>
    public const int MaxDepth = 64;

    /// <summary>Whether an assignment gives its roles on a project: it is held there, or inherited from a project above or the user
    /// domain.</summary>
    /// <param name="assignment">Whose roles on what.</param>
    /// <param name="project">The project.</param>
    /// <param name="above">The projects above it.</param>
    public static bool Reaches(AssignmentKey assignment, ProjectState project, IReadOnlyList<ProjectState> above) =>
        assignment.Target switch
    {
        AssignmentTarget.Project when !assignment.Inherited => assignment.TargetId == project.Id.Text,
        AssignmentTarget.Project => above.Any(parent => parent.Id.Text == assignment.TargetId),
        AssignmentTarget.Domain => assignment.Inherited && assignment.TargetId == project.DomainId.Text,
        _ => false,
    };
}
