using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Federation;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity;

/// <summary>Users on the wire.</summary>
internal static class UserBodies
{
    private static readonly string[] Known = ["name", "domain_id", "enabled", "default_project_id", "password",
        "password_expires_at", "federated"];

    internal static Dictionary<string, object?> Of(UserState user, Call call)
    {
        var body = new Dictionary<string, object?>
        {
            ["id"] = user.Id.Text,
            // A shadow is called what its provider calls it, and nothing when there is none.
            ["name"] = user is { Shadow: not null, Links.Count: 0 } ? null : user.Name,
            ["domain_id"] = user.DomainId.Text,
            ["enabled"] = user.Enabled,
            ["password_expires_at"] = ExpiresAt(user),
            ["options"] = IdentityReplies.Options(user.Options),
            ["links"] = IdentityReplies.SelfLink(call, "users", user.Id.Text),
        };
        if (user.DefaultProjectId is { } project)
            body["default_project_id"] = project.Text;
        body.WithExtra(user.Extra);
        // A record from before descriptions were one of the attributes that the user's maker invents.
        if (user.Description is { } description)
            body.TryAdd("description", description);
        return body;
    }

    /// <summary>The same for one who reads a single user: also as whom identity providers know it.</summary>
    internal static Dictionary<string, object?> OfOne(UserState user, Call call)
    {
        var body = Of(user, call);
        if (user.Links.Count > 0)
            body["federated"] = FederatedLinks.Body(user.Links);
        return body;
    }

    /// <summary>The same for one who wrote the user: what identity providers call it comes back as it was given.</summary>
    internal static Dictionary<string, object?> Written(UserState user, IdentityBody given, Call call)
    {
        var body = OfOne(user, call);
        if (FederatedLinks.Given(given) is { } links)
            body["federated"] = links;
        return body;
    }

    /// <summary>When the user's password ends, as Keystone writes it.</summary>
    internal static string? ExpiresAt(UserState user) => user.PasswordExpiresAt is { } at ? Wire.Micros(at, zulu: false) : null;

    internal static NewUser ToNew(
        IdentityBody body, UserDomainId domain, PasswordHash? password, IReadOnlyList<FederatedIdentity>? links) => new()
    {
        Id = UserId.New(),
        Name = body.Text("name")!.Trim(),
        DomainId = domain,
        Enabled = body.Bool("enabled") ?? true,
        DefaultProjectId = body.Text("default_project_id") is { } project ? new ProjectId(project) : null,
        Password = password,
        Extra = body.Extra(Known),
        Options = OptionsOf(body),
        FederatedAs = links,
    };

    internal static UserChange ToChange(IdentityBody body, PasswordHash? password, IReadOnlyList<FederatedIdentity>? links) => new()
    {
        Name = body.Text("name")?.Trim(),
        Enabled = body.Bool("enabled"),
        DefaultProjectId = body.Text("default_project_id") is { } project ? new ProjectId(project) : null,
        ClearDefaultProject = body.IsNull("default_project_id"),
        ClearPassword = body.IsNull("password"),
        Password = password,
        Extra = body.Extra(Known),
        Options = OptionsOf(body),
        FederatedAs = links,
    };

    private static string? OptionsOf(IdentityBody body)
    {
        if (body.Member("options") is { } options)
            MfaRules.Require(options);
        return body.Options();
    }
}
