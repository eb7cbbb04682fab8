using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>Which role assignments are asked for. Every condition set must hold.</summary>
public sealed record AssignmentFilter
{
    /// <summary>The user that has the role; as they take effect, through its groups as well.</summary>
    public string? UserId { get; init; }
    public string? GroupId { get; init; }
    public string? RoleId { get; init; }
    public string? ProjectId { get; init; }

    /// <summary>Also on every project below <see cref="ProjectId"/>.</summary>
    public bool Subtree { get; init; }
    public string? DomainId { get; init; }

    /// <summary>Those on the system alone.</summary>
    public bool System { get; init; }

    /// <summary>Only inherited ones, or only others; null for both.</summary>
    public bool? Inherited { get; init; }

    /// <summary>As they take effect rather than as they were granted: each user of a group, each project below, each role
    /// implied.</summary>
    public bool Effective { get; init; }
}

/// <summary>One role of one actor in one place.</summary>
/// <param name="Place">Where it holds, and for whom.</param>
/// <param name="Role">The role.</param>
/// <param name="Source">The assignment it comes from.</param>
/// <param name="Prior">The role that implies it; null when it was granted itself.</param>
public readonly record struct AssignmentLine(AssignmentKey Place, RoleId Role, AssignmentKey Source, RoleId? Prior);
