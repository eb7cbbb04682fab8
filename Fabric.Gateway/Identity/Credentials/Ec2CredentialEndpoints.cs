using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Credentials;

/// <summary><c>/users/{user_id}/credentials/OS-EC2</c>: key pairs for Amazon's way of signing requests.</summary>
internal static class Ec2CredentialEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var user = await RequireUser(call);
        var tenant = call.Body.TryGetProperty("tenant_id", out var given) && given.ValueKind != JsonValueKind.Null
            ? given.ToString()
            : "None";
        var index = call.Get<IdentityIndex>();
        // A domain is a project as well.
        if (await index.FindProject(tenant, call.Aborted) is null && await index.FindDomain(tenant, call.Aborted) is null)
            throw IdentityFaults.NotFound("project", tenant);
        var (access, secret) = (ResourceIdText.NewHex(), ResourceIdText.NewHex());
        var blob = $"{{\"access\": \"{access}\", \"secret\": \"{secret}\", \"trust_id\": null}}";
        var id = CredentialEndpoints.IdOfAccessKey(access);
        var made = await call.Grains.GetGrain<ICredentialGrain>(id).Create(new()
        {
            Id = id,
            UserId = user.Id,
            ProjectId = new(tenant),
            Type = CredentialEndpoints.Ec2,
            Secret = call.Get<CredentialVault>().Seal(blob),
        });
        return IdentityReplies.Member("credential", Body(made, call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var user = await RequireUser(call);
        var found = await call.Get<IdentityIndex>().CredentialsOf(user.Id.Text, CredentialEndpoints.Ec2, call.Aborted);
        return IdentityReplies.List(call, "credentials", found.Select(one => Body(one, call)));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("credential", Body(await Find(call), call));

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grains.GetGrain<ICredentialGrain>((await Find(call)).Id).Delete();
        return Reply.Empty();
    }

    private static async Task<UserState> RequireUser(Call call)
    {
        var id = call.Path("user_id");
        call.Require(call.Route.Policy, DelegationTargets.Credential(new(id), id));
        await CredentialEndpoints.RequireOwnProof(call);
        return await call.Get<IdentityIndex>().FindUser(id, call.Aborted) ?? throw IdentityFaults.NotFound("user", id);
    }

    private static async Task<CredentialState> Find(Call call)
    {
        var id = CredentialEndpoints.IdOfAccessKey(call.Path("credential_id"));
        // Before the rule is asked, as Keystone does: the rule is about the credential's owner.
        var credential = await call.Get<IdentityIndex>().FindCredential(id, call.Aborted)
            ?? throw IdentityFaults.NotFound("credential", id);
        call.Require(call.Route.Policy, DelegationTargets.Credential(credential.UserId, call.Path("user_id")));
        await CredentialEndpoints.RequireOwnProof(call);
        // Whoever the rule lets see it may name any user in the path.
        if (await call.Get<IdentityIndex>().FindUser(call.Path("user_id"), call.Aborted) is null)
            throw IdentityFaults.NotFound("user", call.Path("user_id"));
        if (!CredentialEndpoints.IsEc2(credential.Type))
            throw IdentityFaults.Unauthorized();
        return credential;
    }

    private static Dictionary<string, object?> Body(CredentialState credential, Call call)
    {
        var blob = CredentialEndpoints.ReadBlob(call.Get<CredentialVault>().Open(credential.Secret));
        var access = CredentialEndpoints.Text(blob, "access");
        return new()
        {
            ["user_id"] = credential.UserId.Text,
            ["tenant_id"] = credential.ProjectId?.Text,
            ["access"] = access,
            ["secret"] = CredentialEndpoints.Text(blob, "secret"),
            ["trust_id"] = CredentialEndpoints.Text(blob, "trust_id"),
            ["links"] = IdentityReplies.SelfLink(call, $"users/{credential.UserId.Text}/credentials/OS-EC2", access ?? ""),
        };
    }
}
