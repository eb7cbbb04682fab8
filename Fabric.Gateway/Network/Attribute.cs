using System.Text.Json;

namespace Fabric.Gateway.Network;

/// <summary>Reads one attribute's value: null when it is good, else the reason, without its full stop. What Neutron's converters refuse
/// is a fault.</summary>
internal delegate string? ReadValue(JsonElement input, out object? value);

/// <summary>One attribute of a resource, as Neutron's attribute maps have them.</summary>
/// <param name="Name">On the wire.</param>
/// <param name="Read">Reads a value that was given.</param>
internal sealed record Attribute(string Name, ReadValue Read)
{
    /// <summary>May be given when the resource is made.</summary>
    public bool Post { get; init; } = true;

    /// <summary>May be given when it is changed.</summary>
    public bool Put { get; init; } = true;

    /// <summary>Must be given when the resource is made.</summary>
    public bool Required { get; init; }

    /// <summary>Lists can be ordered by it.</summary>
    public bool Sortable { get; init; } = true;

    /// <summary>An attribute that the service sets.</summary>
    public static Attribute Shown(string name, bool sortable = true) =>
        new(name, Parse.Anything) { Post = false, Put = false, Sortable = sortable };
}

/// <summary>The attributes that were given, read.</summary>
internal sealed class Given(IReadOnlyDictionary<string, object?> values)
{
    /// <summary>Whether it was given, perhaps as null.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Its value; the type's default when it was not given.</summary>
    public T? Get<T>(string name) => values.TryGetValue(name, out var value) && value is T typed ? typed : default;

    /// <summary>A text; <paramref name="otherwise"/> when it was not given.</summary>
    public string Text(string name, string otherwise = "") => values.TryGetValue(name, out var value) && value is string text ? text
        : otherwise;

    /// <summary>A boolean; <paramref name="otherwise"/> when it was not given.</summary>
    public bool Flag(string name, bool otherwise) => values.TryGetValue(name, out var value) && value is bool flag ? flag : otherwise;

    /// <summary>A boolean, or null when it was not given.</summary>
    public bool? MaybeFlag(string name) => values.TryGetValue(name, out var value) && value is bool flag ? flag : null;

    /// <summary>A number, or null when it was not given.</summary>
    public int? MaybeNumber(string name) => values.TryGetValue(name, out var value) && value is int number ? number : null;

    /// <summary>An id, or null when it was not given or given as null.</summary>
    public Guid? MaybeId(string name) => values.TryGetValue(name, out var value) && value is Guid id ? id : null;

    /// <summary>A text, or null when it was not given.</summary>
    public string? MaybeText(string name) => values.TryGetValue(name, out var value) ? value as string : null;
}
