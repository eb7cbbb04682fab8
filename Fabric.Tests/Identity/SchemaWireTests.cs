namespace Fabric.Tests.Identity;

/// <summary>What Keystone's clients read of a body that does not fit: the whole error, with the part of the schema that it broke.</summary>
public sealed class SchemaWireTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const string Roles = """
        {'items': {'additionalProperties': False,
                   'maxProperties': 1,
                   'minProperties': 1,
                   'properties': {'id': {'maxLength': 64,
                                         'minLength': 1,
                                         'pattern': '^[a-zA-Z0-9-]+$',
                                         'type': 'string'},
                                  'name': {'maxLength': 255,
                                           'minLength': 1,
                                           'pattern': '[\\S]+',
                                           'type': 'string'}},
                   'type': 'object'},
         'type': 'array'}
        """;

    private const string Credential = """
        {'additionalProperties': True,
         'oneOf': [{'properties': {'type': {'enum': ['ec2']}},
                    'required': ['blob', 'type', 'user_id', 'project_id'],
                    'title': 'ec2 credential requires project_id'},
                   {'properties': {'type': {'not': {'enum': ['ec2']}}},
                    'required': ['blob', 'type', 'user_id'],
                    'title': 'non-ec2 credential does not require project_id'}],
         'properties': {'blob': {'type': 'string'},
                        'project_id': {'type': 'string'},
                        'type': {'type': 'string'},
                        'user_id': {'type': 'string'}},
         'type': 'object'}
        """;

    private const string Consumer = """
        {'additionalProperties': True,
         'minProperties': 1,
         'not': {'required': ['secret']},
         'properties': {'description': {'type': ['string', 'null']}},
         'type': 'object'}
        """;

    private const string Group = """
        {'properties': {'description': {'type': ['string', 'null']},
                        'filters': {'type': 'object'},
                        'name': {'maxLength': 255,
                                 'minLength': 1,
                                 'pattern': '[\\S]+',
                                 'type': 'string'}},
         'required': ['name', 'filters'],
         'type': 'object'}
        """;

    [Theory]
    [InlineData("PUT", "/OS-OAUTH1/authorize/x", """{"roles": {"a": 1}}""", "{'a': 1} is not of type 'array'", "type", "", Roles, "",
        "{'a': 1}")]
    [InlineData("POST", "/credentials", "{}", "{} is not valid under any of the given schemas", "oneOf", "", Credential, "", "{}")]
    [InlineData("POST", "/credentials", """{"credential": {"blob": "{}", "type": "ec2", "user_id": "u"}}""",
        "{'blob': '{}', 'type': 'ec2', 'user_id': 'u'} is not valid under any of the given schemas", "oneOf", "", Credential, "",
        "{'blob': '{}', 'type': 'ec2', 'user_id': 'u'}")]
    [InlineData("PATCH", "/OS-OAUTH1/consumers/x", """{"consumer": {"secret": "x"}}""",
        "{'secret': 'x'} should not be valid under {'required': ['secret']}", "not", "", Consumer, "", "{'secret': 'x'}")]
    [InlineData("POST", "/OS-EP-FILTER/endpoint_groups", "{}", "'name' is a required property", "required", "", Group, "", "{}")]
    [InlineData("PUT", "/OS-FEDERATION/identity_providers/x", """{"identity_provider": {"authorization_ttl": 1.5}}""",
        "Invalid input for field 'authorization_ttl': 1.5 is not of type 'integer', 'null'", "type",
        "['properties']['authorization_ttl']", "{'minimum': 0, 'type': ['integer', 'null']}", "['authorization_ttl']", "1.5")]
    [InlineData("POST", "/policies", """{"policy": {"blob": 1, "type": "x"}}""",
        "Invalid input for field 'blob': 1 is not of type 'string'", "type", "['properties']['blob']", "{'type': 'string'}",
        "['blob']", "1")]
    [InlineData("POST", "/auth/tokens", """{"auth": {"identity": {"methods": "x"}}}""",
        "Invalid input for field 'identity/methods': 'x' is not of type 'array'", "type",
        "['properties']['identity']['properties']['methods']", "{'items': {'type': 'string'}, 'type': 'array'}",
        "['identity']['methods']", "'x'")]
    public async Task A_bad_body_is_told_with_the_schema_that_it_breaks(string method, string path, string body, string message,
        string word, string inSchema, string schema, string inBody, string value)
    {
        var answer = await cloud.Send(method, path, body, cloud.Admin);
        var expected = $"{message}\n\nFailed validating '{word}' in schema{inSchema}:\n{Indent(schema)}\n\nOn instance{inBody}:\n"
            + Indent(value);
        Assert.Equal((400, expected), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("remaining_uses", "1000000000000", "1000000000000 is greater than the maximum of 2147483647")]
    [InlineData("redelegation_count", "1000000000000", "1000000000000 is greater than the maximum of 2147483647")]
    [InlineData("deleted_at", "\"x\"", "'x' is not of type 'null'")]
    public async Task A_trust_has_no_number_or_time_that_cannot_be_kept(string name, string value, string message)
    {
        var me = (await cloud.Show(cloud.Admin)).GetProperty("user").GetProperty("id").GetRawText();
        var body = $$"""
            {"trust": {"trustor_user_id": {{me}}, "trustee_user_id": {{me}}, "impersonation": false, "{{name}}": {{value}} } }
            """;
        var answer = await cloud.Send("POST", "/OS-TRUST/trusts", body, cloud.Admin);
        Assert.Equal((400, $"Invalid input for field '{name}': {message}"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task The_time_of_a_providers_groups_is_one_that_can_be_kept()
    {
        var answer = await cloud.Send("PUT", "/OS-FEDERATION/identity_providers/long",
            new { identity_provider = new { authorization_ttl = 1_000_000_000_000 } }, cloud.Admin);
        Assert.Equal(400, answer.Status);
    }

    private static string Indent(string text) => "    " + text.Replace("\n", "\n    ", StringComparison.Ordinal);
}
