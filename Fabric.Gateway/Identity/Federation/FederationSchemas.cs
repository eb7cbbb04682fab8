using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>The forms of federation's bodies (source: <c>keystone/federation/schema.py</c>). Here unknown attributes are refused.</summary>
internal static class FederationSchemas
{
    private static readonly Schema AnyText = Schema.Text();
    private static readonly Schema MaybeText = Schema.OrNull(AnyText);
    private static readonly Schema Url = Schema.Text(0, 225, "^[a-zA-Z0-9+.-]+:.+");
    private static readonly ObjectSchema ById = Schema.Object(("id", AnyText)).Require("id");
    private static readonly ObjectSchema Provider = Schema.Object(
        ("enabled", Schema.Bool), ("description", MaybeText), ("authorization_ttl", Schema.OrNull(Schema.Integer(0, int.MaxValue))),
        ("remote_ids", Schema.OrNull(Schema.Array(AnyText, unique: true))));
    private static readonly ObjectSchema Protocol = Schema.Object(
        ("mapping_id", Schema.Text(1, 64, "^[a-zA-Z0-9-_]+$")), ("remote_id_attribute", Schema.Text(0, 64)));
    private static readonly ObjectSchema ServiceProvider = Schema.Object(
        ("auth_url", Url), ("sp_url", Url), ("description", MaybeText), ("enabled", Schema.Bool), ("relay_state_prefix", MaybeText));

    internal static readonly IReadOnlyList<BodySchema> CreateProvider =
        IdentitySchemas.In("identity_provider", Provider.With(("domain_id", Schema.OrNull(Schema.Text(1, 64, "^[a-zA-Z0-9-]+$")))));
    internal static readonly IReadOnlyList<BodySchema> UpdateProvider = IdentitySchemas.In("identity_provider", Provider.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateProtocol = IdentitySchemas.In("protocol", Protocol.Require("mapping_id"));
    internal static readonly IReadOnlyList<BodySchema> UpdateProtocol = IdentitySchemas.In("protocol", Protocol.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateServiceProvider =
        IdentitySchemas.In("service_provider", ServiceProvider.Require("auth_url", "sp_url"));
    internal static readonly IReadOnlyList<BodySchema> UpdateServiceProvider =
        IdentitySchemas.In("service_provider", ServiceProvider.AtLeast(1));

    /// <summary>For which token to vouch, and to whom.</summary>
    internal static readonly IReadOnlyList<BodySchema> CreateSamlAssertion = IdentitySchemas.In("auth", Schema.Object(
        ("identity", Schema.Object(("token", ById), ("methods", Schema.Array(Schema.Any))).Require("token")),
        ("scope", Schema.Object(("service_provider", ById)).Require("service_provider"))).Require("identity", "scope"), missing: "null");

    /// <summary>A mapping has a check of its own, <see cref="MappingSchema"/>.</summary>
    internal static readonly IReadOnlyList<BodySchema> SetMapping = IdentitySchemas.In("mapping", Schema.Any);
}
