using System.Text.Json;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Tests.Http;

/// <summary>Errors of schemas to the letter, as Python's jsonschema 4.10 gives them for the same schema and body.</summary>
public sealed class DraftSchemaTests
{
    private static readonly Dictionary<string, (string Schema, string Body, string Path, string Error)> Drawn = new()
    {
        ["A text that is too short"] = (
            "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\""
            + ": 64, \"pattern\": \"[\\\\S]+\"}}}",
            "{\"name\": \"\"}",
            "name",
            "'' is too short\n\nFailed validating 'minLength' in schema['properties']['name']:\n    {'maxLength': 64,"
            + " 'minLength': 1, 'pattern': '[\\\\S]+', 'type': 'string'}\n\nOn instance['name']:\n    ''"),
        ["The words of the schema in their order"] = (
            "{\"type\": \"object\", \"properties\": {\"b\": {\"type\": \"string\"}, \"a\": {\"type\": [\"string\", \""
            + "null\"]}}, \"required\": [\"z\"]}",
            "{\"a\": 1, \"b\": 2}",
            "b",
            "2 is not of type 'string'\n\nFailed validating 'type' in schema['properties']['b']:\n    {'type': 'strin"
            + "g'}\n\nOn instance['b']:\n    2"),
        ["A property that is missing"] = (
            "{\"type\": \"object\", \"required\": [\"name\"], \"properties\": {\"name\": {\"type\": \"string\"}}, \"a"
            + "dditionalProperties\": true}",
            "{\"x\": [1, null, true, \"it's\"]}",
            "",
            "'name' is a required property\n\nFailed validating 'required' in schema:\n    {'additionalProperties': T"
            + "rue,\n     'properties': {'name': {'type': 'string'}},\n     'required': ['name'],\n     'type': 'object"
            + "'}\n\nOn instance:\n    {'x': [1, None, True, \"it's\"]}"),
        ["A property that nobody knows"] = (
            "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"null\"}}, \"additionalProperties\": false}",
            "{\"say \\\"x\\\"\": \"it's\"}",
            "",
            "Additional properties are not allowed ('say \"x\"' was unexpected)\n\nFailed validating 'additionalPrope"
            + "rties' in schema:\n    {'additionalProperties': False,\n     'properties': {'a': {'type': 'null'}},\n   "
            + "  'type': 'object'}\n\nOn instance:\n    {'say \"x\"': \"it's\"}"),
        ["An item deep within"] = (
            "{\"type\": \"array\", \"items\": {\"type\": \"object\", \"properties\": {\"limit\": {\"type\": \"integer"
            + "\", \"minimum\": -1, \"maximum\": 2147483647}}}}",
            "[{\"limit\": 1}, {\"limit\": -2}]",
            "1.limit",
            "-2 is less than the minimum of -1\n\nFailed validating 'minimum' in schema['items']['properties']['limit"
            + "']:\n    {'maximum': 2147483647, 'minimum': -1, 'type': 'integer'}\n\nOn instance[1]['limit']:\n    -2"),
        ["A point makes no integer"] = (
            "{\"type\": \"integer\"}",
            "1.0",
            "",
            "1.0 is not of type 'integer'\n\nFailed validating 'type' in schema:\n    {'type': 'integer'}\n\nOn insta"
            + "nce:\n    1.0"),
        ["A number that is true"] = (
            "{\"type\": \"boolean\", \"enum\": [true, false, null]}",
            "1",
            "",
            "1 is not of type 'boolean'\n\nFailed validating 'type' in schema:\n    {'enum': [True, False, None], 'ty"
            + "pe': 'boolean'}\n\nOn instance:\n    1"),
        ["A value that is not listed"] = (
            "{\"enum\": [\"admin\", \"internal\", \"public\"]}",
            "\"Public\"",
            "",
            "'Public' is not one of ['admin', 'internal', 'public']\n\nFailed validating 'enum' in schema:\n    {'enu"
            + "m': ['admin', 'internal', 'public']}\n\nOn instance:\n    'Public'"),
        ["A list that says things twice"] = (
            "{\"type\": \"array\", \"uniqueItems\": true, \"maxItems\": 80}",
            "[\"x\", \"x\"]",
            "",
            "['x', 'x'] has non-unique elements\n\nFailed validating 'uniqueItems' in schema:\n    {'maxItems': 80, '"
            + "type': 'array', 'uniqueItems': True}\n\nOn instance:\n    ['x', 'x']"),
        ["Too few properties"] = (
            "{\"type\": \"object\", \"minProperties\": 1}",
            "{}",
            "",
            "{} does not have enough properties\n\nFailed validating 'minProperties' in schema:\n    {'minProperties'"
            + ": 1, 'type': 'object'}\n\nOn instance:\n    {}"),
        ["A pattern"] = (
            "{\"properties\": {\"id\": {\"pattern\": \"^[a-zA-Z0-9-]+$\"}}}",
            "{\"id\": \"a\\nb\\t\\u00fc\\u200b\\ud83d\\ude00\"}",
            "id",
            "'a\\nb\\t\u00fc\\u200b\ud83d\ude00' does not match '^[a-zA-Z0-9-]+$'\n\nFailed validating 'pattern' in s"
            + "chema['properties']['id']:\n    {'pattern': '^[a-zA-Z0-9-]+$'}\n\nOn instance['id']:\n    'a\\nb\\t\u00fc"
            + "\\u200b\ud83d\ude00'"),
        ["None of several"] = (
            "{\"oneOf\": [{\"properties\": {\"project_id\": {\"type\": \"string\"}}, \"required\": [\"project_id\"], "
            + "\"additionalProperties\": false}, {\"properties\": {\"domain_id\": {\"type\": \"string\"}}, \"required\""
            + ": [\"domain_id\"], \"additionalProperties\": false}]}",
            "{\"region_id\": \"r\", \"project_id\": \"p\", \"domain_id\": \"d\"}",
            "",
            "{'region_id': 'r', 'project_id': 'p', 'domain_id': 'd'} is not valid under any of the given schemas\n\nF"
            + "ailed validating 'oneOf' in schema:\n    {'oneOf': [{'additionalProperties': False,\n                'pr"
            + "operties': {'project_id': {'type': 'string'}},\n                'required': ['project_id']},\n          "
            + "     {'additionalProperties': False,\n                'properties': {'domain_id': {'type': 'string'}},\n"
            + "                'required': ['domain_id']}]}\n\nOn instance:\n    {'domain_id': 'd', 'project_id': 'p', "
            + "'region_id': 'r'}"),
        ["A long text in pieces"] = (
            "{\"maxLength\": 3}",
            "\"many words that do not fit into one line of seventy-two columns and so are cut at blanks\\nand at ends"
            + " of lines\"",
            "",
            "'many words that do not fit into one line of seventy-two columns and so are cut at blanks\\nand at ends "
            + "of lines' is too long\n\nFailed validating 'maxLength' in schema:\n    {'maxLength': 3}\n\nOn instance:\n"
            + "    ('many words that do not fit into one line of seventy-two columns and '\n     'so are cut at blanks\\"
            + "n'\n     'and at ends of lines')"),
        ["A long text within"] = (
            "{\"type\": \"object\", \"properties\": {\"enabled\": {\"type\": \"boolean\"}}}",
            "{\"enabled\": \"no no no no no no no no no no no no no no no no no no no no no no no no no no no no no n"
            + "o no no no no no no no no no no \", \"name\": \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
            + "yyyyyyyyyyyyyyyyyyyyyyyy\"}",
            "enabled",
            "'no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no n"
            + "o no no no no no ' is not of type 'boolean'\n\nFailed validating 'type' in schema['properties']['enabled"
            + "']:\n    {'type': 'boolean'}\n\nOn instance['enabled']:\n    ('no no no no no no no no no no no no no no"
            + " no no no no no no no no no '\n     'no no no no no no no no no no no no no no no no no ')"),
        ["A whole schema that is long"] = (
            "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\""
            + ": 255, \"pattern\": \"[\\\\S]+\"}, \"description\": {\"type\": [\"string\", \"null\"]}, \"enabled\": {\""
            + "type\": \"boolean\", \"enum\": [true, false, null]}, \"tags\": {\"type\": \"array\", \"items\": {\"type\""
            + ": \"string\", \"minLength\": 1}, \"maxItems\": 80, \"uniqueItems\": true}}, \"required\": [\"name\"], \""
            + "additionalProperties\": true}",
            "{\"description\": \"d\", \"zeta\": {\"b\": 1, \"a\": [1, 2, {\"c\": null}]}}",
            "",
            "'name' is a required property\n\nFailed validating 'required' in schema:\n    {'additionalProperties': T"
            + "rue,\n     'properties': {'description': {'type': ['string', 'null']},\n                    'enabled': {"
            + "'enum': [True, False, None],\n                                'type': 'boolean'},\n                    '"
            + "name': {'maxLength': 255,\n                             'minLength': 1,\n                             'p"
            + "attern': '[\\\\S]+',\n                             'type': 'string'},\n                    'tags': {'ite"
            + "ms': {'minLength': 1, 'type': 'string'},\n                             'maxItems': 80,\n                "
            + "             'type': 'array',\n                             'uniqueItems': True}},\n     'required': ['n"
            + "ame'],\n     'type': 'object'}\n\nOn instance:\n    {'description': 'd', 'zeta': {'a': [1, 2, {'c': None"
            + "}], 'b': 1}}"),
    };

    public static TheoryData<string> Cases => [.. Drawn.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_error_is_told_as_jsonschema_tells_it(string name)
    {
        var (schema, body, path, expected) = Drawn[name];
        using var document = JsonDocument.Parse(body);
        var error = new DraftSchema(schema).Check(document.RootElement, SchemaPath.Root);
        Assert.NotNull(error);
        Assert.Equal((path, expected), (error.Path, error.Message));
    }

    [Theory]
    [InlineData("""{"type": ["string", "null"], "minLength": 2}""", "null")]
    [InlineData("""{"type": "string", "maxLength": 2}""", "\"\\ud83d\\ude00x\"")]
    [InlineData("""{"enum": [true, false, null]}""", "null")]
    [InlineData("""{"type": "object", "options": {"type": "string"}}""", """{"options": 1}""")]
    [InlineData("""{"minimum": 5}""", "\"4\"")]
    public void What_fits_is_no_error(string schema, string body)
    {
        using var document = JsonDocument.Parse(body);
        Assert.Null(new DraftSchema(schema).Check(document.RootElement, SchemaPath.Root));
    }
}
