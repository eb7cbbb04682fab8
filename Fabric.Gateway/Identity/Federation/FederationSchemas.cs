using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>The forms of federation's bodies (source: <c>keystone/federation/schema.py</c>). Here unknown attributes are refused.</summary>
internal static class FederationSchemas
{
    // Keystone's schema lets longer times through than its database takes.
    private static readonly Schema InRange = Schema.Object(
        ("authorization_ttl", Schema.OrNull(Schema.Integer(0, int.MaxValue)))).Additional(Schema.Any);

    private const string MaybeText = IdentitySchemas.MaybeTextForm;
    private const string AtLeastOne = "\"minProperties\":1,";
    private const string ById = $$"""
        {"type":"object","properties":{"id":{{IdentitySchemas.TextForm}} },"required":["id"],"additionalProperties":false}
        """;
    private const string ProviderTail = """
        "authorization_ttl":{"type":["integer","null"],"minimum":0},
        "remote_ids":{"type":["array","null"],"items":{"type":"string"},"uniqueItems":true} }
        """;
    private const string ProviderHead = $$"""{"enabled":{{IdentitySchemas.BoolForm}},"description":{{MaybeText}},""";
    private const string Protocol = """
        {"mapping_id":{"type":"string","minLength":1,"maxLength":64,"pattern":"^[a-zA-Z0-9-_]+$"},
        "remote_id_attribute":{"type":"string","maxLength":64} }
        """;
    private const string ServiceProvider = $$"""
        {"auth_url":{{IdentitySchemas.UrlForm}},"sp_url":{{IdentitySchemas.UrlForm}},"description":{{MaybeText}},
        "enabled":{{IdentitySchemas.BoolForm}},"relay_state_prefix":{{MaybeText}} }
        """;

    internal static readonly IReadOnlyList<BodySchema> CreateProvider = In("identity_provider",
        $$"""{{ProviderHead}}"domain_id":{{IdentitySchemas.MaybeIdForm}},{{ProviderTail}}""");
    internal static readonly IReadOnlyList<BodySchema> UpdateProvider =
        In("identity_provider", ProviderHead + ProviderTail, AtLeastOne);
    internal static readonly IReadOnlyList<BodySchema> CreateProtocol = In("protocol", Protocol, "\"required\":[\"mapping_id\"],");
    internal static readonly IReadOnlyList<BodySchema> UpdateProtocol = In("protocol", Protocol, AtLeastOne);
    internal static readonly IReadOnlyList<BodySchema> CreateServiceProvider =
        In("service_provider", ServiceProvider, "\"required\":[\"auth_url\",\"sp_url\"],");
    internal static readonly IReadOnlyList<BodySchema> UpdateServiceProvider = In("service_provider", ServiceProvider, AtLeastOne);

    /// <summary>For which token to vouch, and to whom.</summary>
    internal static readonly IReadOnlyList<BodySchema> CreateSamlAssertion = IdentitySchemas.In("auth", new DraftSchema($$"""
        {"type":"object","properties":{
        "identity":{"type":"object","properties":{"token":{{ById}},"methods":{"type":"array"} },"required":["token"],
        "additionalProperties":false},
        "scope":{"type":"object","properties":{"service_provider":{{ById}} },"required":["service_provider"],
        "additionalProperties":false} },"required":["identity","scope"],"additionalProperties":false}
        """), missing: "null");

    /// <summary>A mapping has a check of its own, <see cref="MappingSchema"/>.</summary>
    internal static readonly IReadOnlyList<BodySchema> SetMapping = IdentitySchemas.In("mapping", Schema.Any);

    private static IReadOnlyList<BodySchema> In(string member, string properties, string more = "") =>
        IdentitySchemas.In(member, Schema.Both(
            new DraftSchema($$"""{"type":"object","properties":{{properties}},{{more}}"additionalProperties":false}"""), InRange));
}
