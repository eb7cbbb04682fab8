using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <summary>The forms of the bodies of credentials, application credentials, trusts and OAuth1.</summary>
internal static class DelegationSchemas
{
    private static readonly Schema Id = Schema.Text(1, 64, "^[a-zA-Z0-9-]+$");
    private static readonly Schema AnyText = Schema.Text();
    private static readonly Schema MaybeText = Schema.OrNull(Schema.Text());
    private static readonly Schema Name = Schema.Text(1, 255, @"[\S]+");
    private static readonly Schema Roles = Schema.Array(Schema.Object(("id", Id), ("name", Name)).AtLeast(1).AtMost(1));
    private static readonly Schema Rules = Schema.Array(Schema.Object(("path", Schema.Text(0, 225, @"^\/.*")),
        ("method", Schema.Text(0, 16, "^(POST|GET|HEAD|PATCH|PUT|DELETE)$")), ("service", Id), ("id", Id)));
    private static readonly ObjectSchema Credential = Open(
        ("blob", AnyText), ("project_id", MaybeText), ("type", AnyText), ("user_id", AnyText));
    private static readonly ObjectSchema Consumer = Open(("description", MaybeText));

    internal static readonly IReadOnlyList<BodySchema> CreateCredential = In("credential", Credential.Require("blob", "type", "user_id"));
    internal static readonly IReadOnlyList<BodySchema> UpdateCredential = In("credential", Credential.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> CreateEc2 = [new(null, Schema.Map(Schema.Any))];
    internal static readonly IReadOnlyList<BodySchema> SignedRequest = [new(null, Schema.Map(Schema.Any))];
    internal static readonly IReadOnlyList<BodySchema> CreateAppCredential = In("application_credential", Open(
        ("name", Name), ("description", MaybeText), ("secret", MaybeText), ("expires_at", MaybeText), ("roles", Roles),
        ("unrestricted", Schema.Bool), ("access_rules", Rules)).Require("name"));
    internal static readonly IReadOnlyList<BodySchema> CreateTrust = In("trust", Open(
        ("trustor_user_id", Schema.Text(1, 64)), ("trustee_user_id", Schema.Text(1, 64)), ("impersonation", Schema.Bool),
        ("project_id", Schema.OrNull(Id)), ("remaining_uses", Schema.OrNull(Schema.Integer(1, int.MaxValue))), ("expires_at", MaybeText),
        ("allow_redelegation", Schema.OrNull(Schema.Bool)), ("redelegation_count", Schema.OrNull(Schema.Integer(0, int.MaxValue))),
        ("roles", Roles)).Require("trustor_user_id", "trustee_user_id", "impersonation"));
    internal static readonly IReadOnlyList<BodySchema> CreateConsumer = In("consumer", Consumer);
    internal static readonly IReadOnlyList<BodySchema> UpdateConsumer = In("consumer", Consumer.AtLeast(1));
    internal static readonly IReadOnlyList<BodySchema> Authorize = [new(null, Open(("roles", Roles)))];

    private static ObjectSchema Open(params (string Name, Schema Schema)[] properties) => Schema.Object(properties).Additional(Schema.Any);

    private static IReadOnlyList<BodySchema> In(string member, Schema schema) => IdentitySchemas.In(member, schema);
}
