using System.Text.Json;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Tests.Http;

public sealed class SchemaTests
{
    private static readonly Schema Server = Schema.Object(
        ("name", Schema.Text(1, 5, "^[a-z]*$")), ("count", Schema.LooseInteger(1, 10)), ("size", Schema.Integer(0)),
            ("on", Schema.LooseBool),
        ("kind", Schema.OneOf("a", "b")), ("id", Schema.Uuid), ("tags", Schema.Array(Schema.Text(), 0, 2, unique: true)),
        ("meta", Schema.Map(Schema.Text(), "^[a-z]+$", 2)), ("note", Schema.OrNull(Schema.Text()))).Require("name");

    [Theory]
    [InlineData("""{"name": "abc", "count": "3", "size": 1.0, "on": "yes", "tags": ["x"], "meta": {"k": "v"}, "note": null}""")]
    [InlineData("""{"name": "abc", "on": true, "id": "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a"}""")]
    public void What_fits_has_no_error(string body) => Assert.Null(Check(body));

    [Theory]
    [InlineData("{}", "", "'name' is a required property")]
    [InlineData("[]", "", "[] is not of type 'object'")]
    [InlineData("""{"name": 1}""", "name", "1 is not of type 'string'")]
    [InlineData("""{"name": ""}""", "name", "'' is too short")]
    [InlineData("""{"name": "abcdef"}""", "name", "'abcdef' is too long")]
    [InlineData("""{"name": "A"}""", "name", "'A' does not match '^[a-z]*$'")]
    [InlineData("""{"name": "a", "x": 1}""", "", "Additional properties are not allowed ('x' was unexpected)")]
    [InlineData("""{"name": "a", "count": 11}""", "count", "11 is greater than the maximum of 10")]
    [InlineData("""{"name": "a", "count": 0}""", "count", "0 is less than the minimum of 1")]
    [InlineData("""{"name": "a", "count": "x"}""", "count", "'x' does not match '^-?[0-9]+$'")]
    [InlineData("""{"name": "a", "size": 1.5}""", "size", "1.5 is not of type 'integer'")]
    [InlineData("""{"name": "a", "size": true}""", "size", "True is not of type 'integer'")]
    [InlineData("""{"name": "a", "kind": "c"}""", "kind", "'c' is not one of ['a', 'b']")]
    [InlineData("""{"name": "a", "id": "x"}""", "id", "'x' is not a 'uuid'")]
    [InlineData("""{"name": "a", "tags": ["x", 5]}""", "tags.1", "5 is not of type 'string'")]
    [InlineData("""{"name": "a", "tags": ["x", "x"]}""", "tags", "['x', 'x'] has non-unique elements")]
    [InlineData("""{"name": "a", "tags": ["x", "y", "z"]}""", "tags", "['x', 'y', 'z'] is too long")]
    [InlineData("""{"name": "a", "meta": {"A": "v"}}""", "meta", "'A' does not match any of the regexes: '^[a-z]+$'")]
    [InlineData("""{"name": "a", "meta": {"a": null}}""", "meta.a", "None is not of type 'string'")]
    public void What_does_not_fit_is_told_in_the_words_of_jsonschema(string body, string path, string message)
    {
        var error = Check(body)!;
        Assert.Equal((path, message), (error.Path, error.Message));
    }

    private static SchemaError? Check(string body)
    {
        using var document = JsonDocument.Parse(body);
        return Server.Check(document.RootElement, SchemaPath.Root);
    }
}
