using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>A compiled part of a <see cref="DraftSchema"/>: its words, each with its check, in the order in which they stand.</summary>
internal sealed class DraftNode
{
    private readonly JsonElement schema;
    private readonly List<(string Word, Func<JsonElement, DraftFailure?> Check)> words = [];

    internal DraftNode(JsonElement schema)
    {
        this.schema = schema;
        foreach (var property in schema.EnumerateObject())
        {
            if (Compile(property.Name, property.Value) is { } check)
                words.Add((property.Name, check));
        }
    }

    /// <summary>The first thing that does not fit; null when all does.</summary>
    internal DraftFailure? Check(JsonElement value)
    {
        foreach (var (_, check) in words)
        {
            if (check(value) is { } failure)
                return failure;
        }

        return null;
    }

    private Func<JsonElement, DraftFailure?>? Compile(string word, JsonElement asked) => word switch
    {
        "type" => Type(asked),
        "properties" => Properties(asked),
        "required" => Required(asked),
        "additionalProperties" => asked.ValueKind == JsonValueKind.False ? NoOthers() : null,
        "minProperties" => Least(word, JsonValueKind.Object, asked.GetInt32(), static value => value.EnumerateObject().Count(),
            "does not have enough properties"),
        "maxProperties" => Most(word, JsonValueKind.Object, asked.GetInt32(), static value => value.EnumerateObject().Count(),
            "has too many properties"),
        "minItems" => Least(word, JsonValueKind.Array, asked.GetInt32(), static value => value.GetArrayLength(), "is too short"),
        "maxItems" => Most(word, JsonValueKind.Array, asked.GetInt32(), static value => value.GetArrayLength(), "is too long"),
        "minLength" => Least(word, JsonValueKind.String, asked.GetInt32(), static value => PythonRepr.Length(value.GetString()!),
            "is too short"),
        "maxLength" => Most(word, JsonValueKind.String, asked.GetInt32(), static value => PythonRepr.Length(value.GetString()!),
            "is too long"),
        "pattern" => Pattern(asked.GetString()!),
        "enum" => Enum(asked),
        "minimum" => Bound(word, asked, static (number, bound) => number < bound, "less than the minimum"),
        "maximum" => Bound(word, asked, static (number, bound) => number > bound, "greater than the maximum"),
        "items" => Items(new(asked)),
        "uniqueItems" => asked.GetBoolean() ? Unique() : null,
        "oneOf" => OneOf([.. asked.EnumerateArray().Select(static part => new DraftNode(part))]),
        "not" => Not(asked),
        _ => null,
    };

    private DraftFailure Fail(string word, JsonElement value, string what) =>
        new($"{PythonRepr.Whole(value)} {what}", word, schema, value);

    private Func<JsonElement, DraftFailure?> Type(JsonElement asked)
    {
        string[] types = asked.ValueKind == JsonValueKind.Array
            ? [.. asked.EnumerateArray().Select(static type => type.GetString()!)]
            : [asked.GetString()!];
        var names = string.Join(", ", types.Select(PythonRepr.Of));
        return value => System.Array.Exists(types, type => IsA(value, type)) ? null : Fail("type", value, $"is not of type {names}");
    }

    // In draft 4, a number with a point is no integer.
    private static bool IsA(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'),
        _ => throw new InvalidOperationException($"Draft 4 has no type {type}."),
    };

    private static Func<JsonElement, DraftFailure?> Properties(JsonElement asked)
    {
        var nodes = asked.EnumerateObject().Select(
            static property => (property.Name, Node: new DraftNode(property.Value))).ToArray();
        return value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;
            foreach (var (name, node) in nodes)
            {
                if (value.TryGetProperty(name, out var inner) && node.Check(inner) is { } failure)
                    return failure.Within("properties", name, name);
            }

            return null;
        };
    }

    private Func<JsonElement, DraftFailure?> Required(JsonElement asked)
    {
        string[] names = [.. asked.EnumerateArray().Select(static name => name.GetString()!)];
        return value => value.ValueKind == JsonValueKind.Object
            && System.Array.Find(names, name => !value.TryGetProperty(name, out _)) is { } missing
                ? new($"{PythonRepr.Of(missing)} is a required property", "required", schema, value)
                : null;
    }

    private Func<JsonElement, DraftFailure?> NoOthers()
    {
        var known = schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Select(static property => property.Name).ToHashSet(StringComparer.Ordinal)
            : [];
        return value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;
            var others = value.EnumerateObject().Select(static property => property.Name).Where(name => !known.Contains(name)).ToList();
            return others.Count == 0 ? null : new(
                $"Additional properties are not allowed ({string.Join(", ", others.Select(PythonRepr.Of))} "
                + $"{(others.Count == 1 ? "was" : "were")} unexpected)", "additionalProperties", schema, value);
        };
    }

    private Func<JsonElement, DraftFailure?> Least(
        string word, JsonValueKind kind, int bound, Func<JsonElement, int> measure, string what) =>
            value => value.ValueKind == kind && measure(value) < bound ? Fail(word, value, what) : null;

    private Func<JsonElement, DraftFailure?> Most(
        string word, JsonValueKind kind, int bound, Func<JsonElement, int> measure, string what) =>
            value => value.ValueKind == kind && measure(value) > bound ? Fail(word, value, what) : null;

    private Func<JsonElement, DraftFailure?> Pattern(string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return value => value.ValueKind != JsonValueKind.String || regex.IsMatch(value.GetString()!)
            ? null
            : Fail("pattern", value, $"does not match {PythonRepr.Of(pattern)}");
    }

    private Func<JsonElement, DraftFailure?> Enum(JsonElement asked)
    {
        var values = asked.EnumerateArray().Select(PythonRepr.Whole).ToHashSet(StringComparer.Ordinal);
        var all = PythonRepr.Whole(asked);
        return value => values.Contains(PythonRepr.Whole(value)) ? null : Fail("enum", value, $"is not one of {all}");
    }

    private Func<JsonElement, DraftFailure?> Bound(string word, JsonElement asked, Func<decimal, decimal, bool> beyond, string what)
    {
        var bound = asked.GetDecimal();
        return value => value.ValueKind == JsonValueKind.Number && beyond(Number(value), bound)
            ? Fail(word, value, $"is {what} of {asked.GetRawText()}")
            : null;
    }

    // What is too large for a decimal is beyond every bound that there is.
    private static decimal Number(JsonElement value) => value.TryGetDecimal(out var number) ? number
        : value.GetRawText().StartsWith('-') ? decimal.MinValue : decimal.MaxValue;

    private static Func<JsonElement, DraftFailure?> Items(DraftNode item) => value =>
    {
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var index = 0;
        foreach (var one in value.EnumerateArray())
        {
            if (item.Check(one) is { } failure)
                return failure.Within("items", null, index);
            index++;
        }

        return null;
    };

    private Func<JsonElement, DraftFailure?> Unique() => value => value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().Select(PythonRepr.Sorted).Distinct(StringComparer.Ordinal).Count() < value.GetArrayLength()
            ? Fail("uniqueItems", value, "has non-unique elements")
            : null;

    // More than one that fits would be an error too; those that we have exclude each other.
    private Func<JsonElement, DraftFailure?> OneOf(DraftNode[] parts) => value =>
        System.Array.Exists(parts, part => part.Check(value) is null)
            ? null
            : Fail("oneOf", value, "is not valid under any of the given schemas");

    private Func<JsonElement, DraftFailure?> Not(JsonElement asked)
    {
        var unwanted = new DraftNode(asked);
        var text = PythonRepr.Whole(asked);
        return value => unwanted.Check(value) is null ? Fail("not", value, $"should not be valid under {text}") : null;
    }
}
