using Fabric.Gateway.Http;

namespace Fabric.Gateway.Network;

/// <summary>One resource on the wire. A dictionary and not a record, because a caller chooses the fields, filters and sorts by any of
/// them, and some are
/// not for everybody.</summary>
internal sealed class Body : Dictionary<string, object?>
{
    /// <summary>What every resource has besides its own.</summary>
    internal Body Standard(string project, string description, IReadOnlyList<string> tags, DateTimeOffset created,
        DateTimeOffset updated, long revision)
    {
        this["description"] = description;
        this["tags"] = tags;
        this["created_at"] = Wire.Time(created);
        this["updated_at"] = Wire.Time(updated);
        this["revision_number"] = revision;
        this["project_id"] = project;
        return this;
    }

    /// <summary>Only the fields that <c>fields=</c> names.</summary>
    internal Body Chosen(Call call)
    {
        var names = call.QueryAll("fields").Where(static name => !string.IsNullOrEmpty(name)).ToHashSet();
        if (names.Count == 0)
            return this;
        var chosen = new Body();
        foreach (var (name, value) in this)
        {
            if (names.Contains(name))
                chosen[name] = value;
        }

        return chosen;
    }
}
