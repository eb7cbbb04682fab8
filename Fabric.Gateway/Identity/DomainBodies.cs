using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>User domains on the wire.</summary>
internal static class DomainBodies
{
    private static readonly string[] Known = ["name", "enabled", "description", "tags", "domain_id", "parent_id", "is_domain"];

    internal static Dictionary<string, object?> Of(UserDomainState domain, Call call) => new Dictionary<string, object?>
    {
        ["id"] = domain.Id.Text,
        ["name"] = domain.Name,
        ["description"] = domain.Description,
        ["enabled"] = domain.Enabled,
        ["tags"] = domain.Tags,
        ["options"] = IdentityReplies.Options(domain.Options),
        ["links"] = IdentityReplies.SelfLink(call, "domains", domain.Id.Text),
    }.WithExtra(domain.Extra);

    /// <summary>The same as the project that acts as the domain.</summary>
    internal static Dictionary<string, object?> AsProject(UserDomainState domain, Call call)
    {
        var body = Of(domain, call);
        body["domain_id"] = null;
        body["parent_id"] = null;
        body["is_domain"] = true;
        body["links"] = IdentityReplies.SelfLink(call, "projects", domain.Id.Text);
        return body.WithExtra(domain.Extra);
    }

    internal static NewUserDomain ToNew(IdentityBody body, UserDomainId? id, string? options) => new()
    {
        Id = id ?? UserDomainId.New(),
        Name = body.Text("name")!.Trim(),
        Enabled = body.Bool("enabled") ?? true,
        Description = body.DescriptionOfNew(),
        Tags = body.Texts("tags") ?? [],
        Extra = body.Extra(Known),
        Options = options,
    };

    /// <summary>The id that the body chooses, for clouds that are kept alike; null when it leaves that to us.</summary>
    internal static UserDomainId? Explicit(IdentityBody body)
    {
        const string Name = "explicit_domain_id";
        if (!body.Has(Name) || body.IsNull(Name))
            return null;
        return body.Text(Name) is { Length: 32 } id && id.All(char.IsAsciiHexDigitLower)
            ? new(id)
            : throw Fault.BadRequest("DomainIdInvalid", "Domain ID does not conform to required UUID format.");
    }

    internal static ProjectChange ToChange(IdentityBody body, string? options) => new()
    {
        Name = body.Text("name")?.Trim(),
        Enabled = body.Bool("enabled"),
        Description = body.Text("description"),
        ClearDescription = body.IsNull("description"),
        Tags = body.Texts("tags"),
        Extra = body.Extra(Known),
        Options = options,
        OptionsAlone = body.OptionsAlone(),
    };
}
