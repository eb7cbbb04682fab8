using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>Identity's refusals in the words its clients look for.</summary>
public static class IdentityFaults
{
    /// <summary>The type of <see cref="NoLimitReference"/>.</summary>
    internal const string NoReference = "NoLimitReference";

    /// <summary>Nothing of that kind and id.</summary>
    public static Fault NotFound(string kind, string id) => Fault.NotFound(TypeOf(kind) + "NotFound", $"Could not find {kind}: {id}.");

    /// <summary>A name that is taken.</summary>
    public static Fault Duplicate(string kind, string details) =>
        Fault.Conflict($"Conflict occurred attempting to store {kind} - {details}.");

    /// <summary>A user, group or service name that is taken.</summary>
    public static Fault DuplicateName(string kind, string name, UserDomainId? domain) =>
        Duplicate(kind, $"Duplicate entry found with name {name}" + (domain is { } d ? $" at domain ID {d}" : ""));

    /// <summary>A project's name that is taken in its user domain.</summary>
    public static Fault DuplicateProject(string name, ProjectId id) => Duplicate("project",
        $"it is not permitted to have two projects with either the same name or same id in the same domain: name is {name}, "
        + $"project id {id}");

    /// <summary>A user domain's name that is taken.</summary>
    public static Fault DuplicateDomain(string name) =>
        Duplicate("project", $"it is not permitted to have two projects acting as domains with the same name: {name}");

    /// <summary>A part of the body or path that must be there.</summary>
    public static Fault Missing(string attribute, string target) => Fault.BadRequest("ValidationError",
        $"Expecting to find {attribute} in {target}. The server could not comply with the request since it is either malformed "
        + "or otherwise incorrect. The client is assumed to be in error.");

    /// <summary>Throws when a text is longer than Keystone's tables hold.</summary>
    public static void RequireShort(string? text, string column, int most)
    {
        if (text?.Length > most)
        {
            throw Fault.BadRequest("StringLengthExceeded",
                $"String length exceeded. The length of string '{text}' exceeds the limit of column {column}(CHAR({most})).");
        }
    }

    /// <summary>Whatever is wrong with credentials: the answer never says what.</summary>
    public static Fault Unauthorized() => Fault.Unauthorized("The request you have made requires authentication.");

    /// <summary>Something that this caller may not do, without a word why.</summary>
    public static Fault Forbidden() =>
        new(FaultKind.Forbidden, "Forbidden", "You are not authorized to perform the requested action.");

    /// <summary>Something that nobody may do, whatever the role.</summary>
    public static Fault ForbiddenAction(string action) =>
        new(FaultKind.Forbidden, "ForbiddenAction", $"You are not authorized to perform the requested action: {action}.");

    /// <summary>A text that is longer than Keystone's database takes.</summary>
    public static Fault TooLong(string text, string column, int most) => Fault.BadRequest("StringLengthExceeded",
        $"String length exceeded. The length of string '{text}' exceeds the limit of column {column}(CHAR({most})).");

    /// <summary>No such limit.</summary>
    public static Fault NoLimit(string id) => Fault.NotFound("LimitNotFound", $"Could not find limit for {id}.");

    /// <summary>No such registered limit.</summary>
    public static Fault NoRegisteredLimit(string id) =>
        Fault.NotFound("RegisteredLimitNotFound", $"Could not find registered limit for {id}.");

    /// <summary>A limit of a resource for which nothing is registered.</summary>
    public static Fault NoLimitReference() => new(FaultKind.Forbidden, NoReference,
        "Unable to create a limit that has no corresponding registered limit.");

    /// <summary>Something that the state of things forbids, whoever asks.</summary>
    public static Fault Refused(string message) => new(FaultKind.Forbidden, "ForbiddenNotSecurity", message);

    /// <summary>No such role on that target for that actor.</summary>
    public static Fault NoAssignment(RoleId role, string actor, string target) => Fault.NotFound("RoleAssignmentNotFound",
        $"Could not find role assignment with role: {role}, user or group: {actor}, project, domain, or system: {target}.");

    /// <summary>A user who is not in a group.</summary>
    public static Fault NoMember(UserId user, GroupId group) => Fault.NotFound($"User '{user}' not found in group '{group}'");

    private static string TypeOf(string kind) =>
        string.Concat(kind.Split(' ').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
}
