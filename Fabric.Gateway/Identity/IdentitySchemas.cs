using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <summary>The forms of identity's bodies (source: the <c>schema.py</c> beside each of Keystone's APIs). Unknown attributes are welcome
/// nearly everywhere: identity keeps them.</summary>
internal static partial class IdentitySchemas
{
    private const string ByIdOrNameForm = $$"""{"id":{{TextForm}},"name":{{TextForm}} }""";
    private const string OfDomainForm = $$"""{"type":"object","properties":{{ByIdOrNameForm}} }""";
    private const string PasswordForm = $$"""
        {"type":"object","properties":{"user":{"type":"object","properties":{"id":{{TextForm}},"name":{{TextForm}},
        "password":{{TextForm}},"domain":{{OfDomainForm}} } } } }
        """;
    private const string ScopeForm = $$"""
        {"type":["object","string"],"properties":{"project":{"type":"object","properties":{"name":{{TextForm}},"id":{{TextForm}},
        "domain":{{OfDomainForm}} } },"domain":{{OfDomainForm}},
        "OS-TRUST:trust":{"type":"object","properties":{"id":{{TextForm}} } },
        "system":{"type":"object","properties":{"all":{{BoolForm}} } } } }
        """;
    private const string AuthForm = $$"""
        {"type":"object","properties":{"identity":{"type":"object","properties":{
        "methods":{"type":"array","items":{"type":"string"} },"password":{{PasswordForm}},
        "token":{"type":"object","properties":{"id":{{TextForm}} },"required":["id"]} },"required":["methods"]},
        "scope":{{ScopeForm}} },"required":["identity"]}
        """;

    internal static readonly IReadOnlyList<BodySchema> IssueToken =
        [new(null, new EnvelopeSchema("auth", Schema.Both(new DraftSchema(AuthForm), OtherMethods()), null))];

    // What Keystone's schema of a login leaves out, and trips over.
    private static ObjectSchema OtherMethods()
    {
        var domain = Open(("id", Schema.Text()), ("name", Schema.Text()));
        return Open(("identity", Open(("totp", Open(("user", Open(("domain", domain))))),
            ("application_credential", Open(("user", Open(("domain", domain))))), ("external", Open()), ("oauth1", Open()))));
    }

    private static ObjectSchema Open(params (string Name, Schema Schema)[] properties) => Schema.Object(properties).Additional(Schema.Any);

    internal static IReadOnlyList<BodySchema> In(string member, Schema schema, string missing = "{}") =>
        [new(null, new EnvelopeSchema(member, schema, missing))];

    /// <summary>The one member that a body wraps. Keystone checks what the envelope holds, and takes a missing one for an empty
    /// one.</summary>
    /// <param name="member">Its name.</param>
    /// <param name="schema">Its form.</param>
    /// <param name="missing">What a missing one stands for; null when it must be there.</param>
    private sealed class EnvelopeSchema(string member, Schema schema, string? missing) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (value.ValueKind != JsonValueKind.Object)
                throw Grains.Identity.IdentityFaults.Missing("valid JSON object", "request body");
            // Where it must be there null is as good as nothing.
            if (value.TryGetProperty(member, out var inner) && (missing is not null || inner.ValueKind != JsonValueKind.Null))
                return schema.Check(inner, path.Property(member));
            if (missing is null)
                throw Grains.Identity.IdentityFaults.Missing(member, "request body");
            using var empty = JsonDocument.Parse(missing);
            return schema.Check(empty.RootElement, path.Property(member));
        }
    }
}
