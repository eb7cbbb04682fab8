using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Joins the local parts of all rules that applied into one identity.</summary>
internal sealed class MappingOutcome
{
    private const string Json = "JSON:";

    private readonly List<string> groupIds = [];
    private readonly List<MappedGroup> groups = [];
    private readonly OrderedDictionary<(string? Domain, string Name), MappedGroup> named = new();
    private JsonObject user = [];
    private IReadOnlyList<MappedProject> projects = [];

    internal static MappedIdentity Of(IReadOnlyList<JsonObject> locals)
    {
        if (locals.Count == 0)
            throw new MappingRefusedException("Could not map any federated user properties to identity values.");
        var outcome = new MappingOutcome();
        foreach (var local in locals)
            outcome.Add(local);
        return new()
        {
            User = outcome.User(),
            GroupIds = [.. outcome.groupIds.Distinct()],
            Groups = outcome.groups,
            Projects = outcome.projects,
        };
    }

    private void Add(JsonObject local)
    {
        // The first user counts, the last projects, and all groups.
        if (local["user"] is JsonObject said && user.Count == 0)
            user = said;
        if (local["group"] is JsonObject group)
            AddGroup(group);
        if (MappingEngine.Text(local, "groups") is { } names)
            groups.AddRange([.. Named(names, local)]);
        if (MappingEngine.Text(local, "group_ids") is { } ids)
            groupIds.AddRange(PythonList.Items(ids));
        if (local["projects"] is JsonArray places)
            projects = [.. places.OfType<JsonObject>().Select(Project)];
    }

    // As in Keystone each rule that names a group lists again those that were named before, and of two with one name and user domain the
    // later one counts.
    private void AddGroup(JsonObject group)
    {
        if (MappingEngine.Text(group, "id") is { } id)
            groupIds.Add(id);
        else if (MappingEngine.Text(group, "name") is { } name && MappedDomain.Of(group["domain"]) is { } domain)
            named[Key(name, domain)] = new(name, domain);
        groups.AddRange(named.GroupBy(static one => one.Key.Domain).SelectMany(static one => one).Select(static one => one.Value));
    }

    private static (string?, string) Key(string name, MappedDomain domain) =>
        (domain.Name is { Length: > 0 } domainName ? domainName : domain.Id, name);

    private static MappedProject Project(JsonObject project) => new(
        MappingEngine.Text(project, "name")!,
        [.. ((JsonArray)project["roles"]!).OfType<JsonObject>().Select(static role => MappingEngine.Text(role, "name")!)]);

    // Each group is a name in the rule's user domain, or, as another cloud writes it, JSON that says its own. Keystone takes for the
    // latter whatever holds the word "name", and then refuses what is not.
    private static IEnumerable<MappedGroup> Named(string text, JsonObject local)
    {
        if (text.Contains("name", StringComparison.Ordinal))
        {
            return PythonList.Items(text).Select(item => item.StartsWith(Json, StringComparison.Ordinal)
                ? FromJson(item.TrimStart(Json.ToCharArray()), local)
                : throw NoDomain(local));
        }

        var domain = MappedDomain.Of(local["domain"]) ?? throw NoDomain(local);
        return PythonList.Items(text).Select(name => new MappedGroup(name, domain));
    }

    private static MappedGroup FromJson(string text, JsonObject local)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject group && MappingEngine.Text(group, "name") is { } name
                && MappedDomain.Of(group["domain"]) is { } domain
                ? new(name, domain)
                : throw NoDomain(local);
        }
        catch (JsonException)
        {
            throw new MappingRefusedException("A group is said to be JSON and is not.");
        }
    }

    private static MappingRefusedException NoDomain(JsonObject local) => new(
        $"Invalid rule: {PythonRepr.Of(JsonSerializer.SerializeToElement(local))}. Both 'groups' and 'domain' keywords must be specified.");

    private MappedUser User()
    {
        var type = MappingEngine.Text(user, "type") ?? MappedUser.Ephemeral;
        if (type is not (MappedUser.Ephemeral or MappedUser.Local))
            throw new MappingRefusedException($"User type {type} not supported");
        return new(MappingEngine.Text(user, "id"), MappingEngine.Text(user, "name"), MappingEngine.Text(user, "email"),
            MappedDomain.Of(user["domain"]), type);
    }
}
