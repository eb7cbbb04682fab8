using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Who holds roles.</summary>
public enum AssignmentActor
{
    User,
    Group,
}

/// <summary>What roles are held on.</summary>
public enum AssignmentTarget
{
    Project,
    Domain,
    System,
}

/// <summary>Whose roles on what: one record each, so that granting and revoking at once cannot lose either.</summary>
/// <param name="Actor">User or group.</param>
/// <param name="ActorId">Its id.</param>
/// <param name="Target">Project, user domain, or the system.</param>
/// <param name="TargetId">Its id; <c>all</c> for the system.</param>
/// <param name="Inherited">Whether the roles hold not there but on every project below.</param>
[GenerateSerializer, Immutable, Alias("identity.assignmentkey")]
public readonly record struct AssignmentKey(
    [property: Id(0)] AssignmentActor Actor,
    [property: Id(1)] string ActorId,
    [property: Id(2)] AssignmentTarget Target,
    [property: Id(3)] string TargetId,
    [property: Id(4)] bool Inherited = false)
{
    /// <summary>The grain's key.</summary>
    public string Text => $"{ActorText(Actor, ActorId)}/{TargetText(Target, TargetId)}{(Inherited ? "/inherited" : "")}";

    /// <summary>The value to list an actor's assignments by.</summary>
    public static string ActorText(AssignmentActor actor, string id) => (actor == AssignmentActor.User ? "user:" : "group:") + id;

    /// <summary>The value to list a target's assignments by.</summary>
    public static string TargetText(AssignmentTarget target, string id) =>
        (target switch { AssignmentTarget.Project => "project:", AssignmentTarget.Domain => "domain:", _ => "system:" }) + id;
}

/// <summary>The roles of one actor on one target.</summary>
[GenerateSerializer, Immutable, Alias("identity.assignment")]
public sealed record RoleAssignmentState : IIndexedRecord
{
    /// <summary>Name of the reference to the actor.</summary>
    public const string ActorRef = "actor";

    /// <summary>Name of the reference to the target.</summary>
    public const string TargetRef = "target";

    /// <summary>Name of the references to the roles.</summary>
    public const string RoleRef = "role";

    [Id(0)] public required AssignmentKey Key { get; init; }
    [Id(1)] public IReadOnlyList<RoleId> Roles { get; init; } = [];
    [Id(2)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(3)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs =
        [
            new(ActorRef, AssignmentKey.ActorText(Key.Actor, Key.ActorId)),
            new(TargetRef, AssignmentKey.TargetText(Key.Target, Key.TargetId)),
            .. Roles.Select(static role => new ResourceRef(RoleRef, role.Text)),
        ],
    };
}
