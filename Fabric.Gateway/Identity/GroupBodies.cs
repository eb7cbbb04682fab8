using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Groups on the wire.</summary>
internal static class GroupBodies
{
    internal static readonly string[] Known = ["name", "domain_id", "description"];

    internal static Dictionary<string, object?> Of(GroupState group, Call call) => new Dictionary<string, object?>
    {
        ["id"] = group.Id.Text,
        ["name"] = group.Name,
        ["domain_id"] = group.DomainId.Text,
        ["description"] = group.Description,
        ["links"] = IdentityReplies.SelfLink(call, "groups", group.Id.Text),
    }.WithExtra(group.Extra);

    /// <summary>A group as one that a user is in. Only federation makes memberships that end by themselves.</summary>
    internal static Dictionary<string, object?> OfMember(GroupState group, DateTimeOffset? endsAt, Call call)
    {
        var body = Of(group, call);
        body["membership_expires_at"] = endsAt is { } end ? Wire.Micros(end, zulu: false) : null;
        return body;
    }
}
