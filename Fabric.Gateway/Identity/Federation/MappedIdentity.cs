using System.Text.Json.Nodes;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What a mapping made of an assertion.</summary>
internal sealed record MappedIdentity
{
    public required MappedUser User { get; init; }

    /// <summary>Groups that the mapping names by id; each once.</summary>
    public required IReadOnlyList<string> GroupIds { get; init; }

    /// <summary>Groups that it names by name.</summary>
    public required IReadOnlyList<MappedGroup> Groups { get; init; }

    /// <summary>Projects that the user is to have, made when they are not there.</summary>
    public required IReadOnlyList<MappedProject> Projects { get; init; }

    /// <summary>The same as Keystone's <c>mapping_engine</c> prints it.</summary>
    internal JsonObject ToJson() => new()
    {
        ["user"] = User.ToJson(),
        ["group_ids"] = new JsonArray([.. GroupIds.Select(static id => JsonValue.Create(id))]),
        ["group_names"] = new JsonArray([.. Groups.Select(static group => new JsonObject
        {
            ["name"] = group.Name, ["domain"] = group.Domain.ToJson(),
        })]),
        ["projects"] = new JsonArray([.. Projects.Select(static project => new JsonObject
        {
            ["name"] = project.Name,
            ["roles"] = new JsonArray([.. project.Roles.Select(static role => new JsonObject { ["name"] = role })]),
        })]),
    };
}

/// <summary>The user of a mapping.</summary>
internal sealed record MappedUser(string? Id, string? Name, string? Email, MappedDomain? Domain, string Type)
{
    /// <summary>A user whom only the identity provider knows; here a shadow of it is kept.</summary>
    internal const string Ephemeral = "ephemeral";

    /// <summary>A user of the cloud's own.</summary>
    internal const string Local = "local";

    internal JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (name, text) in (ReadOnlySpan<(string, string?)>)[("id", Id), ("name", Name), ("email", Email)])
        {
            if (text is not null)
                json[name] = text;
        }

        if (Domain is not null)
            json["domain"] = Domain.ToJson();
        json["type"] = Type;
        return json;
    }
}

/// <summary>A user domain by id or by name.</summary>
internal sealed record MappedDomain(string? Id, string? Name)
{
    internal static MappedDomain? Of(JsonNode? node) =>
        node is JsonObject domain ? new(MappingEngine.Text(domain, "id"), MappingEngine.Text(domain, "name")) : null;

    internal JsonObject ToJson()
    {
        var json = new JsonObject();
        if (Id is not null)
            json["id"] = Id;
        if (Name is not null)
            json["name"] = Name;
        return json;
    }
}

/// <summary>A group by its name.</summary>
internal sealed record MappedGroup(string Name, MappedDomain Domain);

/// <summary>A project by its name in the identity provider's user domain, and the user's roles on it.</summary>
internal sealed record MappedProject(string Name, IReadOnlyList<string> Roles);

/// <summary>A mapping makes nothing of an assertion, or nothing that makes sense. Whoever logs in is not told why; the log is.</summary>
internal sealed class MappingRefusedException(string message) : Exception(message);
