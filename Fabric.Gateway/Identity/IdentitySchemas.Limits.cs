using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <content>Limits, endpoint groups, policies and settings.</content>
internal static partial class IdentitySchemas
{
    /// <summary>The forms of limits, endpoint groups, policies and settings.</summary>
    internal static class Limits
    {
        private static readonly Schema Amount = Schema.Integer(-1, int.MaxValue);
        private static readonly Schema ResourceName = Schema.Text(1, 255);
        private static readonly ObjectSchema Registered = Schema.Object(
            ("service_id", Id), ("region_id", MaybeText), ("resource_name", ResourceName), ("default_limit", Amount),
            ("description", MaybeText));
        private static readonly ObjectSchema Limit = Schema.Object(
            ("service_id", Id), ("region_id", AnyText), ("resource_name", ResourceName), ("resource_limit", Amount),
            ("description", MaybeText));
        private static readonly ObjectSchema Policy = Open(("blob", AnyText), ("type", Schema.Text(0, 255)));
        private static readonly ObjectSchema EndpointGroup = Open(
            ("description", MaybeText), ("filters", Schema.Map(MaybeText)), ("name", Name));

        internal static readonly IReadOnlyList<BodySchema> CreateRegistered = In("registered_limits",
            Schema.Array(Registered.Require("service_id", "resource_name", "default_limit"), min: 1));
        internal static readonly IReadOnlyList<BodySchema> UpdateRegistered = In("registered_limit", Registered);
        internal static readonly IReadOnlyList<BodySchema> Create = In("limits", Schema.Array(Schema.Either(
            Limit.With(("project_id", Id)).Require("project_id", "service_id", "resource_name", "resource_limit"),
            Limit.With(("domain_id", Id)).Require("domain_id", "service_id", "resource_name", "resource_limit")), min: 1));
        internal static readonly IReadOnlyList<BodySchema> Update = In("limit",
            Schema.Object(("resource_limit", Amount), ("description", MaybeText)));
        internal static readonly IReadOnlyList<BodySchema> CreatePolicy = In("policy", Policy.Require("blob", "type"));
        internal static readonly IReadOnlyList<BodySchema> UpdatePolicy = In("policy", Policy.AtLeast(1));
        internal static readonly IReadOnlyList<BodySchema> CreateEndpointGroup = In("endpoint_group",
            EndpointGroup.Require("name", "filters"));
        internal static readonly IReadOnlyList<BodySchema> UpdateEndpointGroup = In("endpoint_group", EndpointGroup.AtLeast(1));

        /// <summary>The handler looks at it.</summary>
        internal static readonly IReadOnlyList<BodySchema> Anything = [new(null, Schema.Any)];
    }
}
