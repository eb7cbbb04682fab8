using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity.Credentials;

/// <summary><c>/credentials</c> (source: <c>keystone/api/credentials.py</c>).</summary>
internal static class CredentialEndpoints
{
    /// <summary>The type of EC2 credentials.</summary>
    internal const string Ec2 = "ec2";

    private static readonly string[] Known = ["blob", "project_id", "type", "user_id"];

    /// <summary>What a blob says of who made it, which nobody changes afterwards.</summary>
    private static readonly string[] Fixed = ["trust_id", "app_cred_id", "access_token_id", "access_id"];

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "credential");
        var user = UserId.TryParse(body.Text("user_id"), out var owner) ? owner : throw IdentityFaults.Missing("user_id", "credential");
        await RequireOwnProof(call);
        var (type, blob, project) = (body.Text("type")!, body.Text("blob")!, body.Text("project_id"));
        RequireLengths(type, project, user.Text);
        var id = ResourceIdText.NewHex();
        if (IsEc2(type))
        {
            id = IdOfAccessKey(AccessOf(ReadBlob(blob)));
            if (project is null)
                throw Fault.BadRequest("SchemaValidationError", "'project_id' is a required property");
        }

        var made = await call.Grains.GetGrain<ICredentialGrain>(id).Create(new()
        {
            Id = id,
            UserId = user,
            ProjectId = ProjectId.TryParse(project, out var known) ? known : null,
            Type = type,
            Secret = call.Get<CredentialVault>().Seal(blob),
            Extra = body.Extra(Known),
        });
        return IdentityReplies.Member("credential", Body(made, call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var user = call.Query("user_id");
        var all = call.Allows(IdentityPolicies.GetCredential, default(PolicyTarget));
        if (!all && user is not null && user != call.Caller.UserId.Text || (await TokenEndpoints.OfCaller(call)).Payload.IsDelegated)
            return IdentityReplies.List(call, "credentials", []);
        var query = new ResourceQuery(IdentityKinds.Credential) { Descending = false };
        if ((all ? user : call.Caller.UserId.Text) is { } owner)
            query = query.WithRef("user", owner);
        if (call.Query("type") is { } type)
            query = query.WithRef("type", type);
        var found = await call.Get<IResourceIndex>().List<CredentialState>(query, call.Aborted);
        return IdentityReplies.List(call, "credentials", found.Select(one => Body(one, call)).Filter(call, "user_id", "type"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("credential", Body(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "credential");
        var credential = await Find(call);
        body.RequireId(credential.Id);
        var vault = call.Get<CredentialVault>();
        var blob = body.Text("blob");
        if (IsEc2(credential.Type) && blob is not null)
            RequireSameOrigin(ReadBlob(vault.Open(credential.Secret)), ReadBlob(blob));
        var user = credential.UserId;
        if (body.Text("user_id") is { } named && !UserId.TryParse(named, out user))
            throw IdentityFaults.Missing("user_id", "credential");
        RequireLengths(body.Text("type"), body.Text("project_id"), user.Text);
        call.Require(call.Route.Policy, DelegationTargets.Credential(user));
        var changed = await call.Grains.GetGrain<ICredentialGrain>(credential.Id).Update(credential.Secret, new()
        {
            Secret = blob is null ? null : vault.Seal(blob),
            UserId = user,
            ProjectId = ProjectId.TryParse(body.Text("project_id"), out var project) ? project : null,
            WithoutProject = body.Has("project_id") && body.Text("project_id") is not { Length: > 0 },
            Type = body.Text("type"),
            Extra = body.Extra(Known),
        });
        return IdentityReplies.Member("credential", Body(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var credential = await Find(call);
        await call.Grains.GetGrain<ICredentialGrain>(credential.Id).Delete();
        return Reply.Empty();
    }

    private static void RequireLengths(string? type, string? project, string user)
    {
        (string?, string, int)[] limits = [(type, "type", 255), (project, "project_id", 64), (user, "user_id", 64)];
        foreach (var (text, column, most) in limits)
        {
            if (text?.Length > most)
                throw IdentityFaults.TooLong(text, column, most);
        }
    }

    /// <summary>Under which id the credential of an access key stands.</summary>
    internal static string IdOfAccessKey(string access) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(access)));

    internal static bool IsEc2(string type) => type.Equals(Ec2, StringComparison.OrdinalIgnoreCase);

    /// <summary>An EC2 credential's blob.</summary>
    internal static JsonObject ReadBlob(string blob)
    {
        try
        {
            return JsonNode.Parse(blob) is JsonObject { Count: > 0 } read ? read : throw IdentityFaults.Missing("blob", "credential");
        }
        catch (JsonException)
        {
            throw Fault.BadRequest("ValidationError", "Invalid blob in credential");
        }
    }

    /// <summary>A text of a blob; null when it is missing or no text.</summary>
    internal static string? Text(JsonObject blob, string name) => blob[name] is JsonValue value && value.TryGetValue<string>(out var text)
        ? text
        : null;

    /// <summary>Rights that were lent do not reach the secrets of whoever lent them.</summary>
    internal static async Task RequireOwnProof(Call call)
    {
        if ((await TokenEndpoints.OfCaller(call)).Payload.IsDelegated)
            throw IdentityFaults.ForbiddenAction("Delegated tokens cannot access credentials directly");
    }

    private static string AccessOf(JsonObject blob) => Text(blob, "access") ?? throw IdentityFaults.Missing("access", "credential");

    private static void RequireSameOrigin(JsonObject before, JsonObject after)
    {
        foreach (var name in Fixed)
        {
            if (!JsonNode.DeepEquals(before[name], after[name]))
                throw Fault.BadRequest("ValidationError", $"{name} can not be updated for credential");
        }
    }

    private static async Task<CredentialState> Find(Call call)
    {
        var id = call.Path("credential_id");
        var credential = await call.Get<IdentityIndex>().FindCredential(id, call.Aborted);
        call.Require(call.Route.Policy, DelegationTargets.Credential(credential?.UserId));
        if (credential is null)
            throw IdentityFaults.NotFound("credential", id);
        await RequireOwnProof(call);
        return credential;
    }

    private static Dictionary<string, object?> Body(CredentialState credential, Call call) => new Dictionary<string, object?>
    {
        ["id"] = credential.Id,
        ["user_id"] = credential.UserId.Text,
        ["project_id"] = credential.ProjectId?.Text,
        ["type"] = credential.Type,
        ["blob"] = call.Get<CredentialVault>().Open(credential.Secret),
        ["links"] = IdentityReplies.SelfLink(call, "credentials", credential.Id),
    }.WithExtra(credential.Extra);
}
