using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <summary>The forms of identity's bodies (source: the <c>schema.py</c> beside each of Keystone's APIs). Unknown attributes are welcome
/// nearly everywhere: identity keeps them.</summary>
internal static partial class IdentitySchemas
{
    private static readonly Schema Name = Schema.Text(1, 255, @"[\S]+");
    private static readonly Schema AnyText = Schema.Text();
    private static readonly Schema MaybeText = Schema.OrNull(Schema.Text());

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
        return Open(("identity", identity.Require("methods")), ("scope", Schema.Types(scope, AnyText))).Require("identity");
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
