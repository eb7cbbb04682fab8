using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>The form of a JSON object.</summary>
public sealed class ObjectSchema : Schema
{
    private readonly Dictionary<string, Schema> properties;
    private readonly string[] required;
    private readonly Schema? additional;
    private readonly int min;
    private readonly int max;
    private readonly string? keyPattern;
    private readonly Regex? key;

    internal ObjectSchema(IEnumerable<(string Name, Schema Schema)> properties, string[] required, Schema? additional, int min, int max,
        string? keyPattern)
        : this(properties.ToDictionary(static p => p.Name, static p => p.Schema, StringComparer.Ordinal), required, additional, min, max,
            keyPattern)
    {
    }

    private ObjectSchema(Dictionary<string, Schema> properties, string[] required, Schema? additional, int min, int max, string? keyPattern)
    {
        (this.properties, this.required, this.additional, this.min, this.max, this.keyPattern) = (
            properties, required, additional, min, max, keyPattern);
        key = keyPattern is null ? null : new(keyPattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }

    /// <summary>The same, with these properties demanded.</summary>
    public ObjectSchema Require(params string[] names) => new(properties, names, additional, min, max, keyPattern);

    /// <summary>The same, with other properties allowed, of this form.</summary>
    public ObjectSchema Additional(Schema schema) => new(properties, required, schema, min, max, keyPattern);

    /// <summary>The same, with at least so many properties.</summary>
    public ObjectSchema AtLeast(int count) => new(properties, required, additional, count, max, keyPattern);

    /// <summary>The same, with at most so many properties.</summary>
    public ObjectSchema AtMost(int count) => new(properties, required, additional, min, count, keyPattern);

    /// <summary>The same with more properties, or others of the same name: how a later microversion changes a body.</summary>
    public ObjectSchema With(params (string Name, Schema Schema)[] more)
    {
        var all = new Dictionary<string, Schema>(properties, StringComparer.Ordinal);
        foreach (var (name, schema) in more)
            all[name] = schema;
        return new(all, required, additional, min, max, keyPattern);
    }

    /// <summary>The same without some properties.</summary>
    public ObjectSchema Without(params string[] names) =>
        new(properties.Where(p => !names.Contains(p.Key)).ToDictionary(StringComparer.Ordinal), required, additional, min, max, keyPattern);

    /// <inheritdoc/>
    public override SchemaError? Check(JsonElement value, SchemaPath path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return path.Error(value, $"{PythonRepr.Of(value)} is not of type 'object'");
        foreach (var name in required)
        {
            if (!value.TryGetProperty(name, out _))
                return path.Error(value, $"{PythonRepr.Of(name)} is a required property");
        }

        return CheckNames(value, path) ?? CheckValues(value, path);
    }

    private SchemaError? CheckNames(JsonElement value, SchemaPath path)
    {
        List<string>? unknown = null;
        var count = 0;
        foreach (var property in value.EnumerateObject())
        {
            count++;
            if (properties.ContainsKey(property.Name))
                continue;
            if (additional is null || (key is not null && !key.IsMatch(property.Name)))
                (unknown ??= []).Add(property.Name);
        }

        if (count < min)
            return path.Error(value, $"{PythonRepr.Of(value)} does not have enough properties");
        if (count > max)
            return path.Error(value, $"{PythonRepr.Of(value)} has too many properties");
        if (unknown is null)
            return null;
        var names = string.Join(", ", unknown.Select(PythonRepr.Of));
        if (additional is not null)
            return path.Error(value, $"{names} {(unknown.Count == 1 ? "does" : "do")} not match any of the regexes: "
                + $"{PythonRepr.Of(keyPattern!)}");
        return path.Error(value, $"Additional properties are not allowed ({names} {(unknown.Count == 1 ? "was" : "were")} unexpected)");
    }

    private SchemaError? CheckValues(JsonElement value, SchemaPath path)
    {
        foreach (var property in value.EnumerateObject())
        {
            var schema = properties.GetValueOrDefault(property.Name) ?? additional!;
            if (schema.Check(property.Value, path.Property(property.Name)) is { } error)
                return error;
        }

        return null;
    }
}
