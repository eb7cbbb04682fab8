using System.Text.Json;
using Fabric.Gateway.Http;

namespace Fabric.Gateway.Network;

/// <summary>The attributes of one kind of resource, and how a body that makes or changes one is read (source: <c>neutron/api/v2/base.py</c>
/// prepare_request_body, <c>neutron_lib/api/attributes.py</c>).</summary>
internal sealed class Resource(string name, string collection, params Attribute[] attributes)
{
    private static readonly Attribute[] Common =
    [
        Attribute.Shown("id"),
        new("tenant_id", Parse.Text(255)) { Put = false },
        new("project_id", Parse.Text(255)) { Put = false },
        new("description", Parse.Text(255)),
        Attribute.Shown("created_at"),
        Attribute.Shown("updated_at"),
        Attribute.Shown("revision_number"),
        Attribute.Shown("tags", sortable: false),
    ];

    private readonly Dictionary<string, Attribute> attributes = Common.Where(common => attributes.All(own => own.Name != common.Name))
        .Concat(attributes).ToDictionary(static attribute => attribute.Name, StringComparer.Ordinal);

    /// <summary>The key of one in a body.</summary>
    public string Name => name;

    /// <summary>The key of many in a body.</summary>
    public string Collection => collection;

    /// <summary>Whether lists can be ordered by it.</summary>
    public bool IsSortable(string attribute) => attributes.TryGetValue(attribute, out var known) && known.Sortable;

    /// <summary>What a body wants made: one, or with the collection's key many.</summary>
    public (IReadOnlyList<Given> Items, bool Bulk) ReadNew(Call call)
    {
        var body = Whole(call);
        if (!body.TryGetProperty(collection, out var many))
            return ([ReadOne(call, One(body), isNew: true)], false);
        if (many.ValueKind != JsonValueKind.Array)
            throw NetworkFaultStyle.Bad("Body contains invalid data");
        if (many.GetArrayLength() == 0)
            throw NetworkFaultStyle.Bad("Resources required");
        // An entry may be wrapped once more, as Neutron's own client of old does.
        return ([.. many.EnumerateArray().Select(item => ReadOne(call,
            item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var inner) ? inner : item, isNew: true))], true);
    }

    /// <summary>What a body wants changed.</summary>
    public Given ReadChange(Call call) => ReadOne(call, One(Whole(call)), isNew: false);

    private static JsonElement Whole(Call call)
    {
        if (call.Body.ValueKind != JsonValueKind.Object)
            throw NetworkFaultStyle.Bad("Body contains invalid data");
        return call.Body.EnumerateObject().Any() ? call.Body : throw NetworkFaultStyle.Bad("Resource body required");
    }

    private JsonElement One(JsonElement body) => body.TryGetProperty(name, out var one) && one.ValueKind != JsonValueKind.Null
        ? one
        : throw NetworkFaultStyle.Bad($"Unable to find '{name}' in request body");

    private Given ReadOne(Call call, JsonElement item, bool isNew)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw NetworkFaultStyle.Bad($"Object '{name}' contains invalid data");
        CheckProject(call, item);
        var unknown = item.EnumerateObject().Select(static property => property.Name).Where(key => !attributes.ContainsKey(key)).ToArray();
        if (unknown.Length > 0)
            throw NetworkFaultStyle.Bad($"Unrecognized attribute(s) '{string.Join(", ", unknown)}'");
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var attribute in attributes.Values)
        {
            if (!item.TryGetProperty(attribute.Name, out var input))
            {
                if (isNew && attribute.Required)
                    throw NetworkFaultStyle.Bad($"Failed to parse request. Required attribute '{attribute.Name}' not specified");
                continue;
            }

            if (isNew && !attribute.Post)
                throw NetworkFaultStyle.Bad($"Attribute '{attribute.Name}' not allowed in POST");
            if (!isNew && !attribute.Put)
                throw NetworkFaultStyle.Bad($"Cannot update read-only attribute {attribute.Name}");
            if (attribute.Read(input, out var value) is { } reason)
                throw NetworkFaultStyle.Bad($"Invalid input for {attribute.Name}. Reason: {reason}.");
            values[attribute.Name] = value;
        }

        if (isNew)
            values["project_id"] = Owner(call, values);
        return new(values);
    }

    private static void CheckProject(Call call, JsonElement item)
    {
        var tenant = TextOf(item, "tenant_id");
        var project = TextOf(item, "project_id");
        if (tenant is not null && project is not null && tenant != project)
            throw NetworkFaultStyle.Bad("'project_id' and 'tenant_id' do not match");
        if ((project ?? tenant) is { } owner && owner != call.Caller.ProjectId?.Text && !call.Caller.IsAdmin)
        {
            throw NetworkFaultStyle.Bad(
                "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or "
                + "advsvc privileges");
        }
    }

    private static string Owner(Call call, Dictionary<string, object?> values) =>
        Named(values.GetValueOrDefault("project_id")) ?? Named(values.GetValueOrDefault("tenant_id")) ?? call.Caller.ProjectId?.Text
        ?? throw NetworkFaultStyle.Bad("Running without keystone AuthN requires that tenant_id is specified");

    /// <summary>A blank names no project, just as none does.</summary>
    private static string? Named(object? project) => string.IsNullOrWhiteSpace(project as string) ? null : (string)project;

    private static string? TextOf(JsonElement item, string key) =>
        item.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
