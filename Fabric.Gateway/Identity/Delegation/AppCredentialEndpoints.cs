using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Delegation;

/// <summary><c>/users/{user_id}/application_credentials</c> (source: <c>keystone/api/users.py</c>,
/// <c>keystone/application_credential</c>).</summary>
internal static class AppCredentialEndpoints
{
    private const int SecretBytes = 64;

    private static readonly HashSet<string> Known =
    [
        "id", "name", "description", "secret", "expires_at", "roles", "unrestricted", "access_rules", "user_id", "project_id", "system",
        "links",
    ];

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "application_credential");
        var token = await RequireNotLent(call);
        RequireUnrestricted(token);
        RequireKnown(call.Body.GetProperty("application_credential"));
        if (token.Project is not { } project)
            throw IdentityFaults.Forbidden();
        var roles = await Roles(call, token, body.Text("name")!);
        var end = Lending.EndOf(body.Text("expires_at"), call);
        var rules = await AccessRuleEndpoints.Make(call, token.Actor.Id);
        var secret = body.Text("secret") is { Length: > 0 } chosen
            ? chosen
            : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var id = ResourceIdText.NewHex();
        var made = await call.Grains.GetGrain<IAppCredentialGrain>(id).Create(new()
        {
            Id = id,
            Name = body.Text("name")!,
            Description = body.Text("description"),
            UserId = token.Actor.Id,
            ProjectId = project.Id,
            Secret = await call.Get<PasswordHasher>().Hash(secret, call.Aborted, UserProof.PlaceOf(call.Http)),
            Roles = roles,
            ExpiresAt = end,
            Unrestricted = body.Bool("unrestricted") ?? false,
            SaysRestricted = body.Bool("unrestricted") == false,
            AccessRules = rules,
        });
        var shown = await Body(made, call);
        shown["secret"] = secret;
        return IdentityReplies.Member("application_credential", shown, 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        call.Require(call.Route.Policy, DelegationTargets.OwnedBy(new(call.Path("user_id"))));
        await RequireNotLent(call);
        var found = await call.Get<IdentityIndex>().AppCredentialsOf(new(call.Path("user_id")), call.Aborted);
        var bodies = new List<Dictionary<string, object?>>();
        foreach (var credential in found)
            bodies.Add(await Body(credential, call));
        return IdentityReplies.List(call, "application_credentials", bodies.Filter(call, "name"));
    }

    internal static async Task<IResult> Show(Call call)
    {
        var credential = await Find(call);
        await RequireNotLent(call);
        return IdentityReplies.Member("application_credential", await Body(credential, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var credential = await Find(call);
        var token = await RequireNotLent(call);
        RequireUnrestricted(token);
        await call.Grains.GetGrain<IAppCredentialGrain>(credential.Id).Delete();
        return Reply.Empty();
    }

    /// <summary>Lent rights make nothing that outlasts them. Application credentials have a switch of their own for that.</summary>
    internal static async Task<ResolvedToken> RequireNotLent(Call call)
    {
        var token = await TokenEndpoints.OfCaller(call);
        if (token.Payload.IsDelegated && !token.Payload.Methods.HasFlag(TokenMethods.ApplicationCredential))
            throw IdentityFaults.Forbidden();
        return token;
    }

    private static void RequireUnrestricted(ResolvedToken token)
    {
        if (token.AppCredential is { Unrestricted: false })
        {
            throw IdentityFaults.ForbiddenAction(
                "Using method 'application_credential' is not allowed for managing additional application credentials.");
        }
    }

    // Unlike other things of identity's, these keep nothing that they do not know.
    private static void RequireKnown(JsonElement asked)
    {
        foreach (var property in asked.EnumerateObject())
        {
            if (!Known.Contains(property.Name))
            {
                throw Fault.BadRequest("ValidationError",
                    $"'{property.Name}' is an invalid keyword argument for ApplicationCredentialModel");
            }
        }
    }

    // Nobody gives away a role that the own token does not have.
    private static async Task<IReadOnlyList<RoleId>> Roles(Call call, ResolvedToken token, string name)
    {
        if (!call.Body.GetProperty("application_credential").TryGetProperty("roles", out var list) || list.GetArrayLength() == 0)
            return [.. token.Roles.Select(static role => role.Id)];
        var roles = Lending.RolesOf(list, await call.Get<IdentityIndex>().Roles(call.Aborted));
        if (!roles.All(role => token.Roles.Any(mine => mine.Id == role)))
        {
            throw Fault.BadRequest("ValidationError",
                "Invalid application credential: Cannot create an application credential with unassigned role");
        }

        return roles.Distinct().Count() == roles.Count ? roles
            : throw IdentityFaults.Duplicate("application_credential", $"Duplicate entry found with name {name}");
    }

    // Whose it is counts, not whose the path says it is.
    private static async Task<AppCredentialState> Find(Call call)
    {
        var id = call.Path("application_credential_id");
        var credential = await call.Get<IdentityIndex>().FindAppCredential(id, call.Aborted);
        call.Require(call.Route.Policy, DelegationTargets.OwnedBy(credential?.UserId ?? new(call.Path("user_id"))));
        return credential ?? throw IdentityFaults.NotFound("Application Credential", id);
    }

    private static async Task<Dictionary<string, object?>> Body(AppCredentialState credential, Call call)
    {
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        var body = new Dictionary<string, object?>
        {
            ["id"] = credential.Id,
            ["name"] = credential.Name,
            ["description"] = credential.Description,
            ["user_id"] = credential.UserId.Text,
            ["project_id"] = credential.ProjectId.Text,
            ["system"] = null,
            ["expires_at"] = credential.ExpiresAt is { } end ? Wire.Micros(end, zulu: false) : null,
            ["unrestricted"] = credential is { Unrestricted: false, SaysRestricted: false } ? null : credential.Unrestricted,
            ["roles"] = credential.Roles.Select(roles.Find).OfType<RoleState>().Select(Lending.Short).ToArray(),
            ["links"] = IdentityReplies.SelfLink(call, "application_credentials", credential.Id),
        };
        if (credential.AccessRules is { Count: > 0 } rules)
            body["access_rules"] = rules.Select(TokenBodies.AccessRule).ToArray();
        return body;
    }
}
