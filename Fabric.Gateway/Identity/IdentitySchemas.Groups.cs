using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity;

/// <content>Groups.</content>
internal static partial class IdentitySchemas
{
    /// <summary>The forms of groups.</summary>
    internal static class Groups
    {
        private static readonly ObjectSchema Group = Open(("description", MaybeText), ("domain_id", Id), ("name", Name));

        internal static readonly IReadOnlyList<BodySchema> Create = In("group", Group.Require("name"));
        internal static readonly IReadOnlyList<BodySchema> Update = In("group", Group.AtLeast(1));
    }
}
