namespace Fabric.Grains.Kernel;

/// <summary>The attributes of a looked-up thing that a policy check compares with the caller.</summary>
public readonly record struct PolicyTarget(ProjectId? ProjectId = null, UserId? UserId = null, UserDomainId? DomainId = null)
{
    /// <summary>A thing of the caller's own: what a request is checked against before anything is looked up.</summary>
    public static PolicyTarget OwnedBy(Caller caller) => new(caller.ProjectId, caller.UserId, caller.DomainId ?? caller.ProjectDomainId);
}

/// <summary>A predicate over caller and target.</summary>
public delegate bool PolicyCheck(Caller caller, PolicyTarget target);

/// <summary>OpenStack's secure role-based defaults, with reader ⊂ member ⊂ manager ⊂ admin (source: <c>nova/policies/base.py</c>,
/// <c>keystone/common/policies/base.py</c>).</summary>
public static class Check
{
    /// <summary>Nobody is asked for anything, not even a token.</summary>
    public static readonly PolicyCheck Anyone = static (_, _) => true;

    /// <summary>Any valid token.</summary>
    public static readonly PolicyCheck Authenticated = static (_, _) => true;

    public static readonly PolicyCheck Admin = static (caller, _) => caller.IsAdmin;

    public static readonly PolicyCheck ProjectReaderOrAdmin = static (caller, target) =>
        caller.IsAdmin || InProject(caller, target, "reader");

    public static readonly PolicyCheck ProjectMemberOrAdmin = static (caller, target) =>
        caller.IsAdmin || InProject(caller, target, "member");

    public static readonly PolicyCheck ProjectManagerOrAdmin = static (caller, target) =>
        caller.IsAdmin || InProject(caller, target, "manager");

    /// <summary>The role reader in any scope, or admin.</summary>
    public static readonly PolicyCheck Reader = static (caller, _) => caller.IsAdmin || caller.HasRole("reader");

    /// <summary>The user itself, or admin.</summary>
    public static readonly PolicyCheck OwnerOrAdmin = static (caller, target) => caller.IsAdmin || caller.UserId == target.UserId;

    private static bool InProject(Caller caller, PolicyTarget target, string role) =>
        caller.ProjectId is { } project && project == target.ProjectId && caller.HasRole(role);
}

/// <summary>One documented default under OpenStack's own name.</summary>
/// <param name="Name">E.g. <c>os_compute_api:servers:create</c>.</param>
/// <param name="Check">Who may.</param>
/// <param name="Description">What it allows.</param>
/// <param name="Operations">The requests it guards, e.g. <c>POST /servers</c>.</param>
public sealed record PolicyRule(string Name, PolicyCheck Check, string Description, params string[] Operations)
{
    /// <summary>True when the request needs no token at all.</summary>
    public bool IsPublic => ReferenceEquals(Check, Kernel.Check.Anyone);

    /// <summary>Says whether the caller may do this to the target.</summary>
    public bool Allows(Caller caller, PolicyTarget target) => Check(caller, target);
}
