using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>What is wrong with a body, in the words of Python's <c>jsonschema</c>, which OpenStack's services pass on.</summary>
/// <param name="Path">Where: property names and indexes joined by dots; empty for the body itself.</param>
/// <param name="Value">What stood there, as Python prints it.</param>
/// <param name="Message">What is wrong.</param>
public sealed record SchemaError(string Path, string Value, string Message)
{
    /// <summary>The last part of <see cref="Path"/>.</summary>
    public string LastName => Path[(Path.LastIndexOf('.') + 1)..];
}

/// <summary>The form a JSON value must have. Built once, from the factory methods; checks without allocating unless something is
/// wrong.</summary>
public abstract class Schema
{
    /// <summary>Accepts everything.</summary>
    public static readonly Schema Any = new AnySchema();

    /// <summary>Only <c>null</c>.</summary>
    public static readonly Schema Null = new TypeSchema("null", JsonValueKind.Null);

    /// <summary>JSON's true and false.</summary>
    public static readonly Schema Bool = new TypeSchema("boolean", JsonValueKind.True, JsonValueKind.False);

    /// <summary>True and false, also spelled as OpenStack's strict boolean strings.</summary>
    public static readonly Schema LooseBool = new EnumSchema(
        true, "true", "True", "TRUE", "1", "on", "On", "ON", "yes", "Yes", "YES", "false", "False",
        "FALSE", "0", "off", "Off", "OFF", "no", "No", "NO");

    /// <summary>A UUID, dashed or not.</summary>
    public static readonly Schema Uuid = new FormatSchema("uuid", static text => ResourceIdText.TryParseUuid(text, out _));

    /// <summary>Finds the first error in a value; null when there is none.</summary>
    public abstract SchemaError? Check(JsonElement value, SchemaPath path);

    /// <summary>A string.</summary>
    /// <param name="min">Fewest characters.</param>
    /// <param name="max">Most characters.</param>
    /// <param name="pattern">A regular expression that must match somewhere.</param>
    public static Schema Text(int min = 0, int max = int.MaxValue, string? pattern = null) => new TextSchema(min, max, pattern);

    /// <summary>A string that a predicate accepts; <paramref name="format"/> names it in the message.</summary>
    public static Schema Format(string format, Func<string, bool> accepts) => new FormatSchema(format, accepts);

    /// <summary>One of these strings.</summary>
    public static Schema OneOf(params string[] values) => new EnumSchema(false, values);

    /// <summary>A JSON integer.</summary>
    public static Schema Integer(long min = long.MinValue, long max = long.MaxValue) => new IntegerSchema(min, max, strings: false);

    /// <summary>An integer, or its digits as a string.</summary>
    public static Schema LooseInteger(long min = long.MinValue, long max = long.MaxValue) => new IntegerSchema(min, max, strings: true);

    /// <summary>A JSON number.</summary>
    public static Schema Number(double min = double.MinValue, double max = double.MaxValue) => new NumberSchema(min, max);

    /// <summary>The schema, or null.</summary>
    public static Schema OrNull(Schema schema) => new TypesSchema(schema, Null);

    /// <summary>The first schema that accepts; else the first one's error.</summary>
    public static Schema Either(params Schema[] schemas) => new EitherSchema(schemas);

    /// <summary>The same for schemas that differ in the type: a value of none of their types is told all of them.</summary>
    public static Schema Types(params Schema[] schemas) => new TypesSchema(schemas);

    /// <summary>All of the schemas; the first error counts.</summary>
    public static Schema Both(params Schema[] schemas) => new AllSchema(schemas);

    /// <summary>An array.</summary>
    public static Schema Array(Schema items, int min = 0, int max = int.MaxValue, bool unique = false) =>
        new ArraySchema(items, min, max, unique);

    /// <summary>An object with these properties and no others.</summary>
    public static ObjectSchema Object(params (string Name, Schema Schema)[] properties) =>
        new(properties, [], additional: null, 0, int.MaxValue, null);

    /// <summary>An object whose keys are free.</summary>
    /// <param name="values">What each value must be.</param>
    /// <param name="keyPattern">What each key must match.</param>
    /// <param name="max">Most keys.</param>
    public static ObjectSchema Map(Schema values, string? keyPattern = null, int max = int.MaxValue) =>
        new([], [], values, 0, max, keyPattern);

    private sealed class AnySchema : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path) => null;
    }

    private sealed class TypeSchema(string type, params JsonValueKind[] kinds) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path) => kinds.Contains(value.ValueKind)
            ? null
            : path.Error(value, $"{PythonRepr.Of(value)} is not of type '{type}'");
    }

    private sealed class TextSchema(int min, int max, string? pattern) : Schema
    {
        private readonly Regex? regex = pattern is null ? null : new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (value.ValueKind != JsonValueKind.String)
                return path.Error(value, $"{PythonRepr.Of(value)} is not of type 'string'");
            var text = value.GetString()!;
            if (text.Length < min)
                return path.Error(value, $"{PythonRepr.Of(value)} is too short");
            if (text.Length > max)
                return path.Error(value, $"{PythonRepr.Of(value)} is too long");
            return regex is null || regex.IsMatch(text) ? null
                : path.Error(value, $"{PythonRepr.Of(value)} does not match {PythonRepr.Of(pattern!)}");
        }
    }

    private sealed class FormatSchema(string format, Func<string, bool> accepts) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (value.ValueKind != JsonValueKind.String)
                return path.Error(value, $"{PythonRepr.Of(value)} is not of type 'string'");
            return accepts(value.GetString()!) ? null : path.Error(value, $"{PythonRepr.Of(value)} is not a '{format}'");
        }
    }

    private sealed class EnumSchema(bool booleans, params string[] values) : Schema
    {
        private readonly FrozenSet<string> set = values.ToFrozenSet(StringComparer.Ordinal);

        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (booleans && value.ValueKind is JsonValueKind.True or JsonValueKind.False && booleans)
                return null;
            if (value.ValueKind == JsonValueKind.String && set.Contains(value.GetString()!))
                return null;
            var all = (booleans ? ["True", "False"] : Enumerable.Empty<string>()).Concat(values.Select(PythonRepr.Of));
            return path.Error(value, $"{PythonRepr.Of(value)} is not one of [{string.Join(", ", all)}]");
        }
    }

    private sealed class EitherSchema(params Schema[] schemas) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            SchemaError? first = null;
            foreach (var schema in schemas)
            {
                if (schema.Check(value, path) is not { } error)
                    return null;
                first ??= error;
            }

            return first;
        }
    }

    private sealed class TypesSchema(params Schema[] schemas) : Schema
    {
        private const string WrongType = " is not of type ";

        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            SchemaError? specific = null, here = null;
            List<string>? types = null;
            foreach (var schema in schemas)
            {
                if (schema.Check(value, path) is not { } error)
                    return null;
                var at = error.Message.LastIndexOf(WrongType, StringComparison.Ordinal);
                here ??= path.Error(value, "");
                if (at >= 0 && error.Path == here.Path)
                    (types ??= []).Add(error.Message[(at + WrongType.Length)..]);
                else
                    specific ??= error;
            }

            return specific ?? here! with { Message = PythonRepr.Of(value) + WrongType + string.Join(", ", types!) };
        }
    }

    private sealed class AllSchema(params Schema[] schemas) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            foreach (var schema in schemas)
            {
                if (schema.Check(value, path) is { } error)
                    return error;
            }

            return null;
        }
    }

    private sealed class ArraySchema(Schema items, int min, int max, bool unique) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (value.ValueKind != JsonValueKind.Array)
                return path.Error(value, $"{PythonRepr.Of(value)} is not of type 'array'");
            var length = value.GetArrayLength();
            if (length < min)
                return path.Error(value, $"{PythonRepr.Of(value)} is too short");
            if (length > max)
                return path.Error(value, $"{PythonRepr.Of(value)} is too long");
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (items.Check(item, path.Item(index++)) is { } error)
                    return error;
            }

            return unique && value.EnumerateArray().Select(static item => item.GetRawText()).Distinct(StringComparer.Ordinal).Count(
                ) < length
                ? path.Error(value, $"{PythonRepr.Of(value)} has non-unique elements")
                : null;
        }
    }
}

/// <summary>Where in a body a check is; a linked list on the stack of the check, made into text only for an error.</summary>
public sealed class SchemaPath
{
    private readonly SchemaPath? parent;
    private readonly string? name;
    private readonly int index;

    private SchemaPath(SchemaPath? parent, string? name, int index) => (this.parent, this.name, this.index) = (parent, name, index);

    /// <summary>The body itself.</summary>
    public static SchemaPath Root { get; } = new(null, null, 0);

    /// <summary>A property.</summary>
    public SchemaPath Property(string property) => new(this, property, 0);

    /// <summary>An item of an array.</summary>
    public SchemaPath Item(int item) => new(this, null, item);

    /// <summary>An error here.</summary>
    public SchemaError Error(JsonElement value, string message) => new(ToString(), PythonRepr.Display(value), message);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (parent is null)
            return "";
        var here = name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return parent.parent is null ? here : parent + "." + here;
    }
}
