using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>Ends what lends the rights of something that goes: credentials, application credentials, trusts, OAuth1 tokens; and enters the
/// end into the log of revocations. The log is first: whoever dies in between has voided tokens of what was to go anyhow.</summary>
public sealed class DelegationRemoval(
    IdentityIndex index, IGrainFactory grains, IOptions<IdentityOptions> options, TimeProvider time)
{
    /// <summary>How long after the last token an event is kept (Keystone's <c>expiration_buffer</c>).</summary>
    private static readonly TimeSpan Buffer = TimeSpan.FromMinutes(30);

    /// <summary>Voids the tokens issued until now that the event is about.</summary>
    public Task Void(Revocation revocation) => grains.GetGrain<IRevokedTokenGrain>(revocation.Key).Void(
        revocation, time.GetUtcNow() + options.Value.TokenLifetime + Buffer);

    /// <summary>All that a user who goes has lent or was lent.</summary>
    public async Task OfUser(UserId user, CancellationToken ct)
    {
        await Void(new() { UserId = user.Text });
        foreach (var credential in await index.CredentialsOf(user.Text, null, ct))
            await Gone(() => grains.GetGrain<ICredentialGrain>(credential.Id).Delete());
        await OfDisabledUser(user, ct);
        foreach (var token in await index.AccessTokensOf(user.Text, ct))
            await EndAccessToken(token.Id);
        foreach (var end in (string[])[TrustState.TrustorRef, TrustState.TrusteeRef])
            await EndTrusts(await index.Trusts((end, user.Text), ct), ct);
    }

    /// <summary>The application credentials and access rules of a user; disabling takes them away for good, as in Keystone.</summary>
    public async Task OfDisabledUser(UserId user, CancellationToken ct)
    {
        foreach (var credential in await index.AppCredentialsOf(user, ct))
            await Gone(() => grains.GetGrain<IAppCredentialGrain>(credential.Id).Delete());
        foreach (var rule in await index.AccessRulesOf(user, ct))
            await Gone(() => grains.GetGrain<IAccessRuleGrain>(rule.Rule.Id).Delete());
    }

    /// <summary>All that was lent on a project that goes.</summary>
    public async Task OfProject(ProjectId project, CancellationToken ct)
    {
        await Void(new() { ProjectId = project.Text });
        foreach (var id in await InProject(IdentityKinds.Credential, project, ct))
            await Gone(() => grains.GetGrain<ICredentialGrain>(id).Delete());
        foreach (var id in await InProject(IdentityKinds.AppCredential, project, ct))
            await Gone(() => grains.GetGrain<IAppCredentialGrain>(id).Delete());
        foreach (var id in await InProject(IdentityKinds.Trust, project, ct))
            await EndTrust(id, ct);
    }

    /// <summary>The application credentials of a user who lost a role on a project.</summary>
    public async Task OfUserOnProject(string user, string project, CancellationToken ct)
    {
        foreach (var credential in await index.AppCredentialsOf(new(user), ct))
        {
            if (credential.ProjectId.Text == project)
                await Gone(() => grains.GetGrain<IAppCredentialGrain>(credential.Id).Delete());
        }
    }

    /// <summary>A consumer with its tokens.</summary>
    public async Task EndConsumer(string id, CancellationToken ct)
    {
        await Void(new() { ConsumerId = id });
        foreach (var token in await OfConsumer(IdentityKinds.RequestToken, id, ct))
            await grains.GetGrain<IRequestTokenGrain>(token).Forget();
        foreach (var token in await OfConsumer(IdentityKinds.AccessToken, id, ct))
            await EndAccessToken(token);
        await grains.GetGrain<IConsumerGrain>(id).Delete();
    }

    /// <summary>An access token, and what was logged in with it.</summary>
    public async Task EndAccessToken(string id)
    {
        await Void(new() { AccessTokenId = id });
        await Gone(() => grains.GetGrain<IAccessTokenGrain>(id).Delete());
    }

    /// <summary>A trust with all that were made from it, the last ones first.</summary>
    public async Task EndTrust(string id, CancellationToken ct)
    {
        await Void(new() { TrustId = id });
        await EndTrusts(await index.Trusts((TrustState.ParentRef, id), ct), ct);
        await Gone(() => grains.GetGrain<ITrustGrain>(id).Delete());
    }

    private async Task EndTrusts(IReadOnlyList<TrustState> trusts, CancellationToken ct)
    {
        foreach (var trust in trusts)
            await EndTrust(trust.Id, ct);
    }

    private Task<IReadOnlyList<string>> InProject(string kind, ProjectId project, CancellationToken ct) =>
        index.Records.ListIds(new(kind) { ProjectId = project.Text }, ct);

    private Task<IReadOnlyList<string>> OfConsumer(string kind, string consumer, CancellationToken ct) =>
        index.Records.ListIds(new ResourceQuery(kind).WithRef("consumer", consumer), ct);

    // Somebody else may have taken it away between the list and now: that is what was wanted.
    private static async Task Gone(Func<Task> delete)
    {
        try
        {
            await delete();
        }
        catch (Fault fault) when (fault.Kind == FaultKind.NotFound)
        {
            return;
        }
    }
}
