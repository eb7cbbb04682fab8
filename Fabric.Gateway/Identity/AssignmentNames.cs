using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>The names of all that a list of role assignments mentions, read at once rather than line by line. What is gone meanwhile has
/// empty names, as with Keystone.</summary>
internal sealed class AssignmentNames
{
    internal required Dictionary<string, (string Name, string Domain)> Users { get; init; }
    internal required Dictionary<string, (string Name, string Domain)> Groups { get; init; }
    internal required Dictionary<string, (string Name, string Domain)> Projects { get; init; }
    internal required Dictionary<string, string> Domains { get; init; }
    internal required RoleSet Roles { get; init; }

    internal static async Task<AssignmentNames> Read(IReadOnlyList<AssignmentLine> lines, Call call)
    {
        var index = call.Get<IdentityIndex>();
        var users = await index.ByIds<UserState>(IdentityKinds.User, Actors(lines, AssignmentActor.User), call.Aborted);
        var groups = await index.ByIds<GroupState>(IdentityKinds.Group, Actors(lines, AssignmentActor.Group), call.Aborted);
        var projects = await index.ByIds<ProjectState>(IdentityKinds.Project, Targets(lines, AssignmentTarget.Project), call.Aborted);
        var roles = await index.Roles(call.Aborted);
        var domainIds = users.Select(static user => user.DomainId.Text)
            .Concat(groups.Select(static group => group.DomainId.Text)).Concat(projects.Select(static project => project.DomainId.Text))
            .Concat(Targets(lines, AssignmentTarget.Domain)).Concat(roles.All.Select(static role => role.DomainId?.Text).OfType<string>());
        var domains = await index.ByIds<UserDomainState>(IdentityKinds.UserDomain, domainIds.Distinct(), call.Aborted);
        return new()
        {
            Users = users.ToDictionary(static user => user.Id.Text, static user => (user.Name, user.DomainId.Text)),
            Groups = groups.ToDictionary(static group => group.Id.Text, static group => (group.Name, group.DomainId.Text)),
            Projects = projects.ToDictionary(static project => project.Id.Text, static project => (project.Name, project.DomainId.Text)),
            Domains = domains.ToDictionary(static domain => domain.Id.Text, static domain => domain.Name),
            Roles = roles,
        };
    }

    /// <summary>What is known of a user or group beside its id; the same for a target and a role below.</summary>
    internal void WriteActor(Utf8JsonWriter json, in AssignmentKey key) =>
        Write(json, (key.Actor == AssignmentActor.User ? Users : Groups).GetValueOrDefault(key.ActorId, ("", "")));

    internal void WriteTarget(Utf8JsonWriter json, in AssignmentKey key)
    {
        if (key.Target == AssignmentTarget.Domain)
            json.WriteString("name", Domains.GetValueOrDefault(key.TargetId, ""));
        else
            Write(json, Projects.GetValueOrDefault(key.TargetId, ("", "")));
    }

    internal void WriteRole(Utf8JsonWriter json, RoleId id)
    {
        var role = Roles.Find(id);
        json.WriteString("name", role?.Name ?? "");
        if (role?.DomainId is { } domain)
            WriteDomain(json, domain.Text);
    }

    private void Write(Utf8JsonWriter json, (string Name, string Domain) known)
    {
        json.WriteString("name", known.Name);
        WriteDomain(json, known.Domain);
    }

    private void WriteDomain(Utf8JsonWriter json, string id)
    {
        json.WriteStartObject("domain");
        json.WriteString("id", id);
        json.WriteString("name", Domains.GetValueOrDefault(id, ""));
        json.WriteEndObject();
    }

    private static IEnumerable<string> Actors(IReadOnlyList<AssignmentLine> lines, AssignmentActor actor) =>
        lines.Where(line => line.Place.Actor == actor).Select(static line => line.Place.ActorId).Distinct();

    private static IEnumerable<string> Targets(IReadOnlyList<AssignmentLine> lines, AssignmentTarget target) =>
        lines.Where(line => line.Place.Target == target).Select(static line => line.Place.TargetId).Distinct();
}
