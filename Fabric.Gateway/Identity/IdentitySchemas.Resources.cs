using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <content>Projects, user domains, users, roles, groups and the catalog. Each is written out as identity's clients read it in the errors,
/// with the words in the order in which they are checked.</content>
internal static partial class IdentitySchemas
{
    internal const string TextForm = """{"type":"string"}""";
    internal const string MaybeTextForm = """{"type":["string","null"]}""";
    internal const string BoolForm = """{"type":"boolean","enum":[true,false,null]}""";
    private const string MaybeBoolForm = """{"type":["boolean","null"],"enum":[true,false,null]}""";
    internal const string NameForm = """{"type":"string","minLength":1,"maxLength":255,"pattern":"[\\S]+"}""";
    internal const string UrlForm = """{"type":"string","minLength":0,"maxLength":225,"pattern":"^[a-zA-Z0-9+.-]+:.+"}""";
    private const string ShortNameForm = """{"type":"string","minLength":1,"maxLength":64,"pattern":"[\\S]+"}""";
    internal const string IdForm = """{"type":"string","minLength":1,"maxLength":64,"pattern":"^[a-zA-Z0-9-]+$"}""";
    internal const string MaybeIdForm = """{"type":["string","null"],"minLength":1,"maxLength":64,"pattern":"^[a-zA-Z0-9-]+$"}""";
    private const string TagForm = """{"type":"string","minLength":1,"maxLength":255,"pattern":"^[^,/]*$"}""";
    private const string TagListForm =
        $$"""{"type":"array","items":{{TagForm}},"required":[],"maxItems":80,"uniqueItems":true}""";
    private const string OptionsForm =
        $$"""{"type":"object","properties":{"immutable":{{MaybeBoolForm}} },"additionalProperties":false}""";
    private const string FederatedForm = $$"""
        {"type":"array","items":{"type":"object","properties":{"idp_id":{{TextForm}},"protocols":{"type":"array","items":
        {"type":"object","properties":{"protocol_id":{{TextForm}},"unique_id":{{TextForm}} },"required":["protocol_id","unique_id"]},
        "minItems":1} },"required":["idp_id","protocols"]} }
        """;
    private const string UserOptionsForm = $$"""
        {"type":"object","properties":{"ignore_change_password_upon_first_use":{{MaybeBoolForm}},
        "ignore_password_expiry":{{MaybeBoolForm}},"ignore_lockout_failure_attempts":{{MaybeBoolForm}},"lock_password":{{MaybeBoolForm}},
        "ignore_user_inactivity":{{MaybeBoolForm}},"multi_factor_auth_rules":{"type":["array","null"],"items":{"type":"array","items":
        {"type":"string"},"minItems":1,"uniqueItems":true},"uniqueItems":true},"multi_factor_auth_enabled":{{MaybeBoolForm}} },
        "additionalProperties":false}
        """;
    private const string ProjectForm = $$"""
        {"description":{{MaybeTextForm}},"domain_id":{{MaybeIdForm}},"enabled":{{BoolForm}},"is_domain":{{BoolForm}},
        "parent_id":{{MaybeIdForm}},"name":{{ShortNameForm}},"tags":{{TagListForm}},"options":{{OptionsForm}} }
        """;
    private const string DomainForm =
        $$"""{"description":{{MaybeTextForm}},"enabled":{{BoolForm}},"name":{{ShortNameForm}},"tags":{{TagListForm}} }""";
    private const string UserForm = $$"""
        {"default_project_id":{{MaybeIdForm}},"description":{{MaybeTextForm}},"domain_id":{{IdForm}},"enabled":{{BoolForm}},
        "federated":{{FederatedForm}},"name":{{NameForm}},"password":{{MaybeTextForm}},"options":{{UserOptionsForm}} }
        """;
    private const string GroupForm = $$"""{"description":{{MaybeTextForm}},"domain_id":{{IdForm}},"name":{{NameForm}} }""";
    private const string RoleForm = $$"""{"name":{{NameForm}},"description":{{TextForm}},"options":{{OptionsForm}} }""";
    private const string ServiceForm =
        $$"""{"enabled":{{BoolForm}},"name":{{NameForm}},"type":{"type":"string","minLength":1,"maxLength":255} }""";
    private const string EndpointForm = $$"""
        {"enabled":{{BoolForm}},"interface":{"type":"string","enum":["admin","internal","public"]},"region_id":{{TextForm}},
        "region":{{TextForm}},"service_id":{{TextForm}},"url":{{UrlForm}} }
        """;
    private const string RegionForm =
        $$"""{"description":{{MaybeTextForm}},"id":{{TextForm}},"parent_region_id":{"type":["string","null"]} }""";

    internal static readonly Schema Tag = new DraftSchema(TagForm);
    internal static readonly Schema TagList = new DraftSchema(TagListForm);

    internal static readonly IReadOnlyList<BodySchema> CreateUser = Create("user", UserForm, "name", UserTail);
    internal static readonly IReadOnlyList<BodySchema> UpdateUser = Update("user", UserForm, UserTail);
    internal static readonly IReadOnlyList<BodySchema> ChangePassword = In("user", new DraftSchema($$"""
        {"type":"object","properties":{"original_password":{{TextForm}},"password":{{TextForm}} },
        "required":["original_password","password"],"additionalProperties":false}
        """));
    internal static readonly IReadOnlyList<BodySchema> CreateProject = Create("project", ProjectForm, "name");
    internal static readonly IReadOnlyList<BodySchema> UpdateProject = Update("project", ProjectForm);
    internal static readonly IReadOnlyList<BodySchema> UpdateTags = [new(null, new EnvelopeSchema("tags", TagList, "{}"))];
    internal static readonly IReadOnlyList<BodySchema> CreateDomain = Create("domain", DomainForm, "name");
    internal static readonly IReadOnlyList<BodySchema> UpdateDomain = Update("domain", DomainForm);
    internal static readonly IReadOnlyList<BodySchema> CreateGroup = Create("group", GroupForm, "name");
    internal static readonly IReadOnlyList<BodySchema> UpdateGroup = Update("group", GroupForm);
    internal static readonly IReadOnlyList<BodySchema> CreateRole = Create("role", RoleForm, "name");
    internal static readonly IReadOnlyList<BodySchema> UpdateRole = Update("role", RoleForm);
    internal static readonly IReadOnlyList<BodySchema> CreateService = Create("service", ServiceForm, "type", missing: Nothing);
    internal static readonly IReadOnlyList<BodySchema> UpdateService = Update("service", ServiceForm, missing: Nothing);
    internal static readonly IReadOnlyList<BodySchema> CreateEndpoint =
        Create("endpoint", EndpointForm, "interface\",\"service_id\",\"url", missing: Nothing);
    internal static readonly IReadOnlyList<BodySchema> UpdateEndpoint = Update("endpoint", EndpointForm, missing: Nothing);
    internal static readonly IReadOnlyList<BodySchema> CreateRegion = In("region", new DraftSchema(
        $$"""{"type":"object","properties":{{RegionForm}},"additionalProperties":true}"""), Nothing);
    internal static readonly IReadOnlyList<BodySchema> UpdateRegion = Update("region", RegionForm, missing: Nothing);

    // A word of no meaning that Keystone's schemas of users have, and so its errors.
    private const string UserTail = "\"options\":{\"type\":\"object\"},";

    // What a body without the member stands for where Keystone takes it for null rather than for an empty one.
    private const string Nothing = "null";

    internal static IReadOnlyList<BodySchema> Create(
        string member, string properties, string required, string tail = "", string missing = "{}") =>
        In(member, new DraftSchema($$"""
            {"type":"object","properties":{{properties}},"required":["{{required}}"],{{tail}}"additionalProperties":true}
            """), missing);

    internal static IReadOnlyList<BodySchema> Update(string member, string properties, string tail = "", string missing = "{}") =>
        In(member, new DraftSchema(
            $$"""{"type":"object","properties":{{properties}},"minProperties":1,{{tail}}"additionalProperties":true}"""), missing);
}
