using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <summary>The forms of the bodies of credentials, application credentials, trusts and OAuth1.</summary>
internal static class DelegationSchemas
{
    private const string Text = IdentitySchemas.TextForm;
    private const string MaybeText = IdentitySchemas.MaybeTextForm;
    private const string NullOrText = """{"type":["null","string"]}""";
    private const string Id = IdentitySchemas.IdForm;
    private const string AnyId = """{"type":"string","minLength":1,"maxLength":64}""";
    private const string Name = IdentitySchemas.NameForm;
    private const string Bool = IdentitySchemas.BoolForm;
    private const string Roles = $$"""
        {"type":"array","items":{"type":"object","properties":{"id":{{Id}},"name":{{Name}} },"minProperties":1,"maxProperties":1,
        "additionalProperties":false} }
        """;
    private const string Rules = $$"""
        {"type":"array","items":{"type":"object","properties":{
        "path":{"type":"string","minLength":0,"maxLength":225,"pattern":"^\\/.*"},
        "method":{"type":"string","pattern":"^(POST|GET|HEAD|PATCH|PUT|DELETE)$"},"service":{{Id}},"id":{{Id}} },
        "additionalProperties":false} }
        """;
    private const string AppCredential = $$"""
        {"name":{{Name}},"description":{{MaybeText}},"secret":{{NullOrText}},"expires_at":{{NullOrText}},"roles":{{Roles}},
        "unrestricted":{{Bool}},"access_rules":{{Rules}} }
        """;
    private const string Trust = $$"""
        {"trustor_user_id":{{AnyId}},"trustee_user_id":{{AnyId}},"impersonation":{{Bool}},"project_id":{{IdentitySchemas.MaybeIdForm}},
        "remaining_uses":{"type":["integer","null"],"minimum":1},"expires_at":{{NullOrText}},
        "allow_redelegation":{"type":["boolean","null"]},"redelegation_count":{"type":["integer","null"],"minimum":0},"roles":{{Roles}} }
        """;
    private const string Credential = $$"""{"blob":{{Text}},"project_id":{{Text}},"type":{{Text}},"user_id":{{Text}} }""";
    private const string Consumer = $$"""{"description":{{MaybeText}} }""";
    private static readonly Schema MaybeCount = Schema.OrNull(Schema.Integer(0, int.MaxValue));

    internal static readonly IReadOnlyList<BodySchema> CreateCredential = In("credential", $$"""
        {"type":"object","properties":{{Credential}},"additionalProperties":true,"oneOf":[
        {"title":"ec2 credential requires project_id","required":["blob","type","user_id","project_id"],
        "properties":{"type":{"enum":["ec2"]} } },
        {"title":"non-ec2 credential does not require project_id","required":["blob","type","user_id"],
        "properties":{"type":{"not":{"enum":["ec2"]} } } }]}
        """);
    internal static readonly IReadOnlyList<BodySchema> UpdateCredential = IdentitySchemas.Update("credential", Credential);
    internal static readonly IReadOnlyList<BodySchema> CreateEc2 = [new(null, Schema.Map(Schema.Any))];
    internal static readonly IReadOnlyList<BodySchema> SignedRequest = [new(null, Schema.Map(Schema.Any))];
    internal static readonly IReadOnlyList<BodySchema> CreateAppCredential =
        IdentitySchemas.Create("application_credential", AppCredential, "name");
    // Keystone's schema lets numbers through that its database does not take, and a time of removal, which nobody says.
    internal static readonly IReadOnlyList<BodySchema> CreateTrust = IdentitySchemas.In("trust", Schema.Both(
        new DraftSchema($$"""
            {"type":"object","properties":{{Trust}},"required":["trustor_user_id","trustee_user_id","impersonation"],
            "additionalProperties":true}
            """),
        Schema.Object(("remaining_uses", MaybeCount), ("redelegation_count", MaybeCount), ("deleted_at", Schema.Null)).Additional(
            Schema.Any)));
    internal static readonly IReadOnlyList<BodySchema> CreateConsumer = In("consumer",
        $$"""{"type":"object","properties":{{Consumer}},"additionalProperties":true}""");
    internal static readonly IReadOnlyList<BodySchema> UpdateConsumer = In("consumer", $$"""
        {"type":"object","properties":{{Consumer}},"not":{"required":["secret"]},"minProperties":1,"additionalProperties":true}
        """);
    internal static readonly IReadOnlyList<BodySchema> Authorize =
        [new(null, new MemberSchema("roles", new DraftSchema(Roles)))];

    private static IReadOnlyList<BodySchema> In(string member, string schema) => IdentitySchemas.In(member, new DraftSchema(schema));

    /// <summary>One member of a body, which may be missing.</summary>
    private sealed class MemberSchema(string member, Schema schema) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (value.ValueKind != JsonValueKind.Object)
                throw Grains.Identity.IdentityFaults.Missing("valid JSON object", "request body");
            return value.TryGetProperty(member, out var inner) ? schema.Check(inner, path.Property(member)) : null;
        }
    }
}
