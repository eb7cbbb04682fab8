using System.Text.Json.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>A directory of EC2's metadata: names to texts or further directories, listed by name, directories with a slash at the
/// end.</summary>
internal sealed class Ec2Metadata
{
    /// <summary>The versions EC2 had when its form was fixed; all of ours answer alike.</summary>
    private static readonly string[] Versions =
    [
        "1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15", "2008-02-01", "2008-09-01", "2009-04-04", "latest",
    ];

    private readonly SortedDictionary<string, object> entries = new(StringComparer.Ordinal);
    private string? listedAs;

    /// <summary>Puts a text under a name.</summary>
    internal string this[string name]
    {
        set => entries[name] = value;
    }

    /// <summary>The directory of that name, made when it is not there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="listedAs">How its parent lists it; null for the name and a slash.</param>
    internal Ec2Metadata Directory(string name, string? listedAs = null)
    {
        if (entries.TryGetValue(name, out var there))
            return (Ec2Metadata)there;
        var made = new Ec2Metadata { listedAs = listedAs };
        entries[name] = made;
        return made;
    }

    /// <summary>The text at a path, or the list of a directory; null when there is nothing.</summary>
    internal static string? Lookup(Ec2Metadata root, string[] path)
    {
        if (path.Length == 0)
            return string.Join('\n', Versions);
        if (!Versions.Contains(path[0]))
            return null;
        object here = root;
        foreach (var name in path.AsSpan(1))
        {
            if (here is not Ec2Metadata directory || !directory.entries.TryGetValue(name, out here!))
                return null;
        }

        return here is Ec2Metadata listed ? listed.List() : (string)here;
    }

    /// <summary>The <c>meta-data</c> part as one JSON object, as a config drive has it.</summary>
    internal JsonObject ToJson() => Json((Ec2Metadata)entries["meta-data"]);

    private static JsonObject Json(Ec2Metadata directory)
    {
        var json = new JsonObject();
        foreach (var (name, entry) in directory.entries)
            json[name] = entry is Ec2Metadata inner ? Json(inner) : (string)entry;
        return json;
    }

    private string List() => string.Join('\n', entries.Select(static entry => entry.Value switch
    {
        Ec2Metadata { listedAs: { } other } => other,
        Ec2Metadata => entry.Key + "/",
        _ => entry.Key,
    }));
}
