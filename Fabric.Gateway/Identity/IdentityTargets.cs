using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What Keystone's rules may know of the things they guard, under its names (source: <c>build_target</c> and <c>target_attr</c> in
/// <c>keystone/api</c>). A thing that does not exist has no attributes: so who may ask of all things hears that it is not there, and who
/// may ask of its own alone hears that it may not.</summary>
internal static class IdentityTargets
{
    /// <summary><c>target.user.…</c>, and <c>user_id</c> as the path says it.</summary>
    internal static PolicyTarget User(string path, UserState? user) => new(UserId: new(path)) { Attributes = Of(Facts(user)) };

    /// <summary><c>target.project.…</c>, and <c>project_id</c> as the path says it.</summary>
    internal static PolicyTarget Project(string path, ProjectState? project) =>
        new(ProjectId: new(path)) { Attributes = Of(Facts(project)) };

    /// <summary><c>target.domain.…</c></summary>
    internal static PolicyTarget Domain(UserDomainState? domain) => new() { Attributes = Of(Facts(domain)) };

    /// <summary>A user domain that is asked for as the project that acts as one.</summary>
    internal static PolicyTarget ActingDomain(UserDomainState domain) => new(ProjectId: new(domain.Id.Text))
    {
        Attributes = new PolicyAttributes(
            ("target.project.id", domain.Id.Text), ("target.project.domain_id", domain.Id.Text), ("target.project.name", domain.Name)),
    };

    /// <summary><c>target.group.…</c></summary>
    internal static PolicyTarget Group(GroupState? group) => new() { Attributes = Of(Facts(group)) };

    /// <summary>A user in a group.</summary>
    internal static PolicyTarget Member(GroupState? group, UserState? user) => new() { Attributes = Of([.. Facts(group), .. Facts(user)]) };

    /// <summary>A role of a user or a group on a project or a user domain.</summary>
    /// <param name="user">Who has or gets it.</param>
    /// <param name="project">On which project; null for none.</param>
    /// <param name="domain">On which user domain; null for none.</param>
    /// <param name="role">Which; null when all are asked for.</param>
    /// <param name="group">The group that has or gets it; null when it is a user.</param>
    internal static PolicyTarget Grant(
        UserState? user, ProjectState? project, UserDomainState? domain, RoleState? role, GroupState? group = null) => new()
    {
        Attributes = Of([.. Facts(user), .. Facts(group), .. Facts(project), .. Facts(domain), .. Facts(role)]),
    };

    /// <summary><c>target.limit.…</c></summary>
    internal static PolicyTarget Limit(LimitState? limit, ProjectState? project) => new()
    {
        Attributes = limit is null ? Of([]) : limit.DomainId is { } domain
            ? Of([("target.limit.domain_id", domain), ("target.limit.domain.id", domain), ("target.limit.project_id", null)])
            : Of([("target.limit.project_id", limit.ProjectId), ("target.limit.project.domain_id", project?.DomainId.Text)]),
    };

    /// <summary><c>target.token.…</c>: the token that is looked at, not the one shown.</summary>
    internal static PolicyTarget Token(UserId user, UserDomainId domain) => new()
    {
        Attributes = new PolicyAttributes(("target.token.user_id", user.Text), ("target.token.user.domain.id", domain.Text)),
    };

    /// <summary>A thing that is to be, as its body says: <c>target.{kind}.domain_id</c> and the like.</summary>
    internal static PolicyTarget New(string kind, in IdentityBody body)
    {
        var facts = new List<(string, string?)>();
        foreach (var name in (ReadOnlySpan<string>)["domain_id", "name", "parent_id", "id"])
        {
            if (body.Has(name))
                facts.Add(($"target.{kind}.{name}", body.Text(name)));
        }

        return new() { Attributes = Of([.. facts]) };
    }

    private static PolicyAttributes Of((string, string?)[] facts) => new(facts);

    private static (string, string?)[] Facts(UserState? user) => user is null ? [] :
        [("target.user.id", user.Id.Text), ("target.user.domain_id", user.DomainId.Text), ("target.user.name", user.Name)];

    private static (string, string?)[] Facts(GroupState? group) => group is null ? [] :
        [("target.group.id", group.Id.Text), ("target.group.domain_id", group.DomainId.Text), ("target.group.name", group.Name)];

    private static (string, string?)[] Facts(ProjectState? project) => project is null ? [] :
    [
        ("target.project.id", project.Id.Text), ("target.project.domain_id", project.DomainId.Text),
        ("target.project.name", project.Name), ("target.project.parent_id", project.ParentText),
    ];

    private static (string, string?)[] Facts(UserDomainState? domain) => domain is null ? [] :
        [("target.domain.id", domain.Id.Text), ("target.domain.name", domain.Name)];

    // A role of the whole cloud has a user domain, and that is None: rules look for it.
    private static (string, string?)[] Facts(RoleState? role) => role is null ? [] :
        [("target.role.id", role.Id.Text), ("target.role.domain_id", role.DomainId?.Text), ("target.role.name", role.Name)];
}
