using System.Text.Json;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>The form of a mapping (source: <c>MAPPING_SCHEMA</c> in <c>keystone/federation/utils.py</c>). Unlike for other bodies all that
/// is wrong is told, each error in a line, in order of the alphabet.</summary>
internal static class MappingSchema
{
    private static readonly string[] Conditions = ["any_one_of", "not_any_of", "blacklist", "whitelist"];

    /// <summary>Throws what is wrong with a mapping.</summary>
    internal static void Require(JsonElement mapping)
    {
        var errors = Errors(mapping).Order(StringComparer.Ordinal).ToArray();
        if (errors.Length > 0)
            throw Fault.BadRequest("ValidationError", string.Concat(errors.Select(static error => error + "\n")));
    }

    private static IEnumerable<string> Errors(JsonElement mapping)
    {
        if (mapping.ValueKind != JsonValueKind.Object)
            return [NotOf(mapping, "object")];
        return mapping.TryGetProperty("rules", out var rules)
            ? Items(rules, Rule, atLeastOne: true)
            : [Missing("rules")];
    }

    private static IEnumerable<string> Rule(JsonElement rule) => Members(rule, ["local", "remote"], static (name, value) => name switch
    {
        "local" => Items(value, Local),
        "remote" => Items(value, Remote, atLeastOne: true),
        _ => null,
    });

    private static IEnumerable<string> Local(JsonElement local) => Members(local, [], static (name, value) => name switch
    {
        "user" => User(value),
        "projects" => Items(value, Project),
        "group" => Group(value),
        "groups" or "group_ids" => Text(value),
        "domain" => Domain(value),
        _ => null,
    });

    private static IEnumerable<string> User(JsonElement user) => Members(user, [], static (name, value) => name switch
    {
        "id" or "name" or "email" => Text(value),
        "domain" => Domain(value),
        "type" => [.. Text(value), .. UserType(value)],
        _ => null,
    });

    private static IEnumerable<string> UserType(JsonElement type) =>
        type.ValueKind == JsonValueKind.String && type.GetString() is MappedUser.Ephemeral or MappedUser.Local
            ? []
            : [$"{PythonRepr.Of(type)} is not one of ['{MappedUser.Ephemeral}', '{MappedUser.Local}']"];

    private static IEnumerable<string> Project(JsonElement project) =>
        Members(project, ["name", "roles"], static (name, value) => name switch
        {
            "name" => Text(value),
            "roles" => Items(value, Role),
            _ => null,
        });

    // Keystone's schema forbids, by a slip, not every further attribute but the one that is called so.
    private static IEnumerable<string> Role(JsonElement role) => Members(role, ["name"], static (name, value) => name switch
    {
        "name" => Text(value),
        "additionalProperties" => ["False schema does not allow " + PythonRepr.Of(value)],
        _ => [],
    });

    private static IEnumerable<string> Domain(JsonElement domain) => Members(domain, [], static (name, value) => name switch
    {
        "id" or "name" => Text(value),
        _ => null,
    });

    private static IEnumerable<string> Group(JsonElement group)
    {
        var byId = Members(group, ["id"], static (name, value) => name == "id" ? Text(value) : null);
        var byName = Members(group, ["name", "domain"], static (name, value) => name switch
        {
            "name" => Text(value),
            "domain" => Domain(value),
            _ => null,
        });
        return Either(group, byId, byName);
    }

    private static IEnumerable<string> Remote(JsonElement remote)
    {
        var empty = Members(remote, ["type"], static (name, value) => name == "type" ? Text(value) : null);
        var conditions = Conditions.Select(condition => Members(remote, ["type", condition], (name, value) => name switch
        {
            "type" => Text(value),
            "regex" => Of(value, "boolean", JsonValueKind.True, JsonValueKind.False),
            _ when name == condition => Of(value, "array", JsonValueKind.Array),
            _ => null,
        }));
        return Either(remote, [empty, .. conditions]);
    }

    // Each alternative demands what the others refuse, so no two can hold at once.
    private static IEnumerable<string> Either(JsonElement value, params IEnumerable<string>[] alternatives)
    {
        if (alternatives.Any(static errors => !errors.Any()))
            yield break;
        yield return PythonRepr.Of(value) + " is not valid under any of the given schemas";
        if (value.ValueKind != JsonValueKind.Object)
            yield return NotOf(value, "object");
    }

    /// <summary>An object's errors.</summary>
    /// <param name="value">The object.</param>
    /// <param name="required">What it must have.</param>
    /// <param name="member">The errors of a member; null for one that it may not have.</param>
    private static IEnumerable<string> Members(
        JsonElement value, string[] required, Func<string, JsonElement, IEnumerable<string>?> member)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            yield return NotOf(value, "object");
            yield break;
        }

        foreach (var name in required.Where(name => !value.TryGetProperty(name, out _)))
            yield return Missing(name);
        var unknown = new List<string>();
        foreach (var property in value.EnumerateObject())
        {
            if (member(property.Name, property.Value) is not { } errors)
            {
                unknown.Add(PythonRepr.Of(property.Name));
                continue;
            }

            foreach (var error in errors)
                yield return error;
        }

        if (unknown.Count > 0)
        {
            yield return $"Additional properties are not allowed ({string.Join(", ", unknown)} "
                + $"{(unknown.Count == 1 ? "was" : "were")} unexpected)";
        }
    }

    private static IEnumerable<string> Items(
        JsonElement value, Func<JsonElement, IEnumerable<string>> item, bool atLeastOne = false)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return [NotOf(value, "array")];
        return atLeastOne && value.GetArrayLength() == 0 ? ["[] is too short"] : value.EnumerateArray().SelectMany(item);
    }

    private static IEnumerable<string> Text(JsonElement value) => Of(value, "string", JsonValueKind.String);

    private static IEnumerable<string> Of(JsonElement value, string type, params JsonValueKind[] kinds) =>
        kinds.Contains(value.ValueKind) ? [] : [NotOf(value, type)];

    private static string NotOf(JsonElement value, string type) => $"{PythonRepr.Of(value)} is not of type '{type}'";

    private static string Missing(string name) => $"{PythonRepr.Of(name)} is a required property";
}
