using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>A schema of JSON Schema's draft 4. It checks in the order in which the schema's words stand, and its errors are those of
/// Python's jsonschema to the letter, with the part of the schema and of the body that did not fit: identity's clients read all of it
/// (source: <c>keystone/common/validation/validators.py</c>). Compiled once; checks without allocating unless something is
/// wrong.</summary>
public sealed class DraftSchema : Schema
{
    private readonly DraftNode root;

    /// <summary>Compiles a schema.</summary>
    /// <param name="json">Its text; words that are not of draft 4 mean nothing, as in jsonschema, and are quoted all the same.</param>
    public DraftSchema(string json)
    {
        using var document = JsonDocument.Parse(json);
        root = new(document.RootElement.Clone());
    }

    /// <inheritdoc/>
    public override SchemaError? Check(JsonElement value, SchemaPath path)
    {
        if (root.Check(value) is not { } failure)
            return null;
        foreach (var step in failure.InstancePath)
            path = step.Name is { } name ? path.Property(name) : path.Item(step.Index);
        return path.Error(failure.Instance, failure.Describe());
    }
}

/// <summary>One step of a path: a property's name, or an item's index.</summary>
internal readonly record struct DraftStep(string? Name, int Index)
{
    public static implicit operator DraftStep(string name) => new(name, 0);

    public static implicit operator DraftStep(int index) => new(null, index);

    public override string ToString() =>
        Name is null ? Index.ToString(System.Globalization.CultureInfo.InvariantCulture) : PythonRepr.Of(Name);
}

/// <summary>What did not fit, and where.</summary>
internal sealed record DraftFailure(string Message, string Word, JsonElement Schema, JsonElement Instance)
{
    private const int Width = 72;

    internal List<DraftStep> InstancePath { get; } = [];
    private List<DraftStep> SchemaPath { get; } = [];

    /// <summary>The same, seen from one level above.</summary>
    internal DraftFailure Within(string word, DraftStep? schemaStep, DraftStep? instanceStep)
    {
        if (schemaStep is { } inSchema)
            SchemaPath.Insert(0, inSchema);
        SchemaPath.Insert(0, word);
        if (instanceStep is { } inInstance)
            InstancePath.Insert(0, inInstance);
        return this;
    }

    /// <summary><c>str(error)</c>.</summary>
    internal string Describe()
    {
        var text = new StringBuilder(Message).Append("\n\nFailed validating ").Append(PythonRepr.Of(Word)).Append(" in ");
        Append(text, "schema", SchemaPath, Schema);
        text.Append("\n\nOn ");
        Append(text, "instance", InstancePath, Instance);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string container, List<DraftStep> path, JsonElement value)
    {
        text.Append(container);
        foreach (var step in path)
            text.Append('[').Append(step.ToString()).Append(']');
        text.Append(":\n    ").Append(PythonPrint.Of(value, Width).Replace("\n", "\n    ", StringComparison.Ordinal));
    }
}
