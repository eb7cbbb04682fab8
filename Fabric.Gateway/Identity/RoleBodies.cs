using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Roles and implications on the wire.</summary>
internal static class RoleBodies
{
    internal static readonly string[] Known = ["name", "description", "domain_id"];

    internal static Dictionary<string, object?> Of(RoleState role, Call call) => new Dictionary<string, object?>
    {
        ["id"] = role.Id.Text,
        ["name"] = role.Name,
        ["domain_id"] = role.DomainId?.Text,
        ["description"] = role.Description,
        ["options"] = IdentityReplies.Options(role.Options),
        ["links"] = IdentityReplies.SelfLink(call, "roles", role.Id.Text),
    }.WithExtra(role.Extra);

    /// <summary>A role as implications name it.</summary>
    internal static object Short(RoleState role, Call call) => new
    {
        id = role.Id.Text,
        name = role.Name,
        links = IdentityReplies.SelfLink(call, "roles", role.Id.Text),
    };
}
