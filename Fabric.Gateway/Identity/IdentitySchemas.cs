using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>The forms of identity's bodies (source: the <c>schema.py</c> beside each of Keystone's APIs). Unknown attributes are welcome
/// nearly everywhere: identity keeps them.</summary>
internal static partial class IdentitySchemas
{
    private static readonly Schema Id = Schema.Text(1, 64, "^[a-zA-Z0-9-]+$");
    private static readonly Schema Name = Schema.Text(1, 255, @"[\S]+");
    private static readonly Schema ShortName = Schema.Text(1, 64, @"[\S]+");
    private static readonly Schema AnyText = Schema.Text();
    private static readonly Schema MaybeText = Schema.OrNull(Schema.Text());
    private static readonly Schema MaybeBool = Schema.OrNull(Schema.Bool);
    private static readonly Schema Options = Schema.Object((ResourceOptions.Immutable, MaybeBool));
    private static readonly Schema UserOptions = Schema.Object(
        (ResourceOptions.IgnoreFirstUse, MaybeBool), (ResourceOptions.IgnoreExpiry, MaybeBool), (ResourceOptions.IgnoreLockout, MaybeBool),
        (ResourceOptions.LockPassword, MaybeBool), (ResourceOptions.IgnoreInactivity, MaybeBool),
        ("multi_factor_auth_enabled", MaybeBool), ("multi_factor_auth_rules",
            Schema.OrNull(Schema.Array(Schema.Array(Schema.Text(), min: 1, unique: true), unique: true))));
    internal static readonly Schema Tag = Schema.Text(1, 255, "^[^,/]*$");
    internal static readonly Schema TagList = Schema.Array(Tag, max: 80, unique: true);

    private static readonly ObjectSchema User = Open(
        ("default_project_id", Schema.OrNull(Id)), ("description", MaybeText), ("domain_id", Id),
        ("enabled", Schema.Bool), ("name", Name), ("password", MaybeText), ("options", UserOptions));
    private static readonly ObjectSchema Project = Open(
        ("description", MaybeText), ("domain_id", Schema.OrNull(Id)), ("enabled", Schema.Bool),
        ("is_domain", Schema.Bool), ("parent_id", Schema.OrNull(Id)), ("name", ShortName), ("tags", TagList), ("options", Options));
    private static readonly ObjectSchema Domain =
        Open(("description", MaybeText), ("enabled", Schema.Bool), ("name", ShortName), ("tags", TagList), ("options", Options));
    private static readonly ObjectSchema Role = Open(
        ("name", Name), ("description", AnyText), ("domain_id", Schema.OrNull(Id)), ("options", Options));
    private static readonly ObjectSchema Service =
        Open(("enabled", Schema.Bool), ("name", Name), ("type", Schema.Text(1, 255)), ("description", MaybeText));
    private static readonly ObjectSchema Endpoint = Open(
        ("enabled", Schema.Bool), ("interface", Schema.OneOf("admin", "internal", "public")),
        ("region_id", MaybeText), ("region", MaybeText), ("service_id", AnyText), ("url", Schema.Text(0, 225, "^[a-zA-Z0-9+.-]+:.+")));
    private static readonly ObjectSchema Region =
        Open(("description", MaybeText), ("id", AnyText), ("parent_region_id", MaybeText));

    internal static readonly IReadOnlyList<BodySchema> CreateUser = In("user", User.Require("name"));
    internal static readonly IReadOnlyList<BodySchema> UpdateUser = In("user", User.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> ChangePassword =
        In("user", Schema.Object(("original_password", AnyText), ("password", AnyText)).Require("original_password", "password"));
    internal static readonly IReadOnlyList<BodySchema> CreateProject = In("project", Project.Require("name"));
    internal static readonly IReadOnlyList<BodySchema> UpdateProject = In("project", Project.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> UpdateTags = [new(null, new EnvelopeSchema("tags", TagList, "{}"))];
    internal static readonly IReadOnlyList<BodySchema> CreateDomain = In("domain", Domain.Require("name"));
    internal static readonly IReadOnlyList<BodySchema> UpdateDomain = In("domain", Domain.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateRole = In("role", Role.Require("name"));
    internal static readonly IReadOnlyList<BodySchema> UpdateRole = In("role", Role.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateService = In("service", Service.Require("type"));
    internal static readonly IReadOnlyList<BodySchema> UpdateService = In("service", Service.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateEndpoint = In("endpoint", Endpoint.Require("interface", "service_id", "url"));
    internal static readonly IReadOnlyList<BodySchema> UpdateEndpoint = In("endpoint", Endpoint.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateRegion = In("region", Region);
    internal static readonly IReadOnlyList<BodySchema> UpdateRegion = In("region", Region.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> IssueToken = [new(null, new EnvelopeSchema("auth", Auth(), null))];

    private static ObjectSchema Auth()
    {
        var domain = Open(("id", AnyText), ("name", AnyText));
        var user = Open(("id", AnyText), ("name", AnyText), ("password", AnyText), ("domain", domain));
        var identity = Open(("methods", Schema.Array(AnyText)), ("password", Open(("user", user))),
            ("token", Open(("id", AnyText)).Require("id")), ("totp", Open(("user", Open(("domain", domain))))),
            ("application_credential", Open(("user", Open(("domain", domain))))), ("external", Open()), ("oauth1", Open()));
        var project = Open(("id", AnyText), ("name", AnyText), ("domain", domain));
        var scope = Open(("project", project), ("domain", domain), ("OS-TRUST:trust", Open(("id", AnyText))),
            ("system", Open(("all", Schema.Bool))));
        return Open(("identity", identity.Require("methods")), ("scope", Schema.Either(scope, AnyText))).Require("identity");
    }

    private static ObjectSchema Open(params (string Name, Schema Schema)[] properties) => Schema.Object(properties).Additional(Schema.Any);

    internal static IReadOnlyList<BodySchema> In(string member, Schema schema) => [new(null, new EnvelopeSchema(member, schema, "{}"))];

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
            if (value.TryGetProperty(member, out var inner))
                return schema.Check(inner, path.Property(member));
            if (missing is null)
                throw Grains.Identity.IdentityFaults.Missing(member, "request body");
            using var empty = JsonDocument.Parse(missing);
            return schema.Check(empty.RootElement, path.Property(member));
        }
    }
}
