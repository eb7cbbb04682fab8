using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <content>Limits, endpoint groups, policies and settings.</content>
internal static partial class IdentitySchemas
{
    /// <summary>The forms of limits, endpoint groups, policies and settings.</summary>
    internal static class Limits
    {
        private const string ResourceForm = """{"type":"string","minLength":1,"maxLength":255}""";
        private const string AmountForm = """{"type":"integer","minimum":-1,"maximum":2147483647}""";
        private const string RegisteredForm = $$"""
            {"type":"object","properties":{"service_id":{{IdForm}},"region_id":{"type":["null","string"]},
            "resource_name":{{ResourceForm}},"default_limit":{{AmountForm}},"description":{{MaybeTextForm}} },"additionalProperties":false
            """;
        private const string LimitForm = $$"""
            "service_id":{{IdForm}},"region_id":{{TextForm}},"resource_name":{{ResourceForm}},"resource_limit":{{AmountForm}},
            "description":{{MaybeTextForm}}
            """;

        // Keystone keeps any other filter too, which no endpoint ever passes.
        private static readonly Schema FiltersByText = Open(("filters", Schema.Map(Schema.OrNull(Schema.Text()))));

        private const string PolicyForm = $$"""{"blob":{{TextForm}},"type":{"type":"string","maxLength":255} }""";
        private const string EndpointGroupForm = $$"""
            {"type":"object","properties":{"description":{{MaybeTextForm}},"filters":{"type":"object"},"name":{{NameForm}} },
            """;

        internal static readonly IReadOnlyList<BodySchema> CreateRegistered = In("registered_limits", new DraftSchema($$"""
            {"type":"array","items":{{RegisteredForm}},"required":["service_id","resource_name","default_limit"]},"minItems":1}
            """));
        internal static readonly IReadOnlyList<BodySchema> UpdateRegistered = In("registered_limit", new DraftSchema(RegisteredForm + "}"));
        internal static readonly IReadOnlyList<BodySchema> Create = In("limits", new DraftSchema($$"""
            {"type":"array","items":{"type":"object","oneOf":[{{LimitOf("project_id")}},{{LimitOf("domain_id")}}]},"minItems":1}
            """));
        internal static readonly IReadOnlyList<BodySchema> Update = In("limit", new DraftSchema($$"""
            {"type":"object","properties":{"resource_limit":{{AmountForm}},"description":{{MaybeTextForm}} },"additionalProperties":false}
            """));
        internal static readonly IReadOnlyList<BodySchema> CreatePolicy =
            IdentitySchemas.Create("policy", PolicyForm, "blob\",\"type");
        internal static readonly IReadOnlyList<BodySchema> UpdatePolicy = IdentitySchemas.Update("policy", PolicyForm);
        internal static readonly IReadOnlyList<BodySchema> CreateEndpointGroup = In("endpoint_group",
            Schema.Both(new DraftSchema(EndpointGroupForm + "\"required\":[\"name\",\"filters\"]}"), FiltersByText));
        internal static readonly IReadOnlyList<BodySchema> UpdateEndpointGroup = In("endpoint_group",
            Schema.Both(new DraftSchema(EndpointGroupForm + "\"minProperties\":1}"), FiltersByText));

        /// <summary>The handler looks at it.</summary>
        internal static readonly IReadOnlyList<BodySchema> Anything = [new(null, Schema.Any)];

        private static string LimitOf(string owner) => $$"""
            {"properties":{"{{owner}}":{{IdForm}},{{LimitForm}} },
            "required":["{{owner}}","service_id","resource_name","resource_limit"],"additionalProperties":false}
            """;
    }
}
