using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <content>Credentials, and what lends rights.</content>
public sealed partial class IdentityIndex
{
    public Task<CredentialState?> FindCredential(string id, CancellationToken ct) =>
        index.Find<CredentialState>(IdentityKinds.Credential, id, ct);

    /// <summary>A user's credentials of one type, or of all.</summary>
    public Task<IReadOnlyList<CredentialState>> CredentialsOf(string user, string? type, CancellationToken ct)
    {
        var query = Oldest(IdentityKinds.Credential).WithRef("user", user);
        return index.List<CredentialState>(type is null ? query : query.WithRef("type", type), ct);
    }

    public Task<AppCredentialState?> FindAppCredential(string id, CancellationToken ct) =>
        index.Find<AppCredentialState>(IdentityKinds.AppCredential, id, ct);

    public Task<AppCredentialState?> FindAppCredentialByName(UserId user, string name, CancellationToken ct) =>
        ByKey<AppCredentialState>(AppCredentialState.NameKey(user, name), ct);

    public Task<IReadOnlyList<AppCredentialState>> AppCredentialsOf(UserId user, CancellationToken ct) =>
        index.List<AppCredentialState>(Oldest(IdentityKinds.AppCredential).WithRef("user", user.Text), ct);

    public Task<AccessRuleState?> FindAccessRule(string id, CancellationToken ct) =>
        index.Find<AccessRuleState>(IdentityKinds.AccessRule, id, ct);

    public Task<AccessRuleState?> FindAccessRule(UserId user, string service, string method, string path, CancellationToken ct) =>
        ByKey<AccessRuleState>(AccessRuleState.NameKey(user, service, method, path), ct);

    public Task<IReadOnlyList<AccessRuleState>> AccessRulesOf(UserId user, CancellationToken ct) =>
        index.List<AccessRuleState>(Oldest(IdentityKinds.AccessRule).WithRef("user", user.Text), ct);

    public Task<TrustState?> FindTrust(string id, CancellationToken ct) => index.Find<TrustState>(IdentityKinds.Trust, id, ct);

    /// <summary>All trusts, or those that one of their references ties to something.</summary>
    public Task<IReadOnlyList<TrustState>> Trusts((string Ref, string Value)? tie, CancellationToken ct) => index.List<TrustState>(
        tie is { } one ? Oldest(IdentityKinds.Trust).WithRef(one.Ref, one.Value) : Oldest(IdentityKinds.Trust), ct);

    /// <summary>The trusts that a trust was made from, nearest first; null when one of them is gone.</summary>
    public async Task<IReadOnlyList<TrustState>?> Pedigree(TrustState trust, CancellationToken ct)
    {
        var above = new List<TrustState>();
        for (var parent = trust.RedelegatedTrustId; parent is not null && above.Count <= TrustState.MostRedelegations;)
        {
            if (await FindTrust(parent, ct) is not { } found)
                return null;
            above.Add(found);
            parent = found.RedelegatedTrustId;
        }

        return above;
    }

    public Task<ConsumerState?> FindConsumer(string id, CancellationToken ct) =>
        index.Find<ConsumerState>(IdentityKinds.Consumer, id, ct);

    public Task<RequestTokenState?> FindRequestToken(string id, CancellationToken ct) =>
        index.Find<RequestTokenState>(IdentityKinds.RequestToken, id, ct);

    public Task<AccessTokenState?> FindAccessToken(string id, CancellationToken ct) =>
        index.Find<AccessTokenState>(IdentityKinds.AccessToken, id, ct);

    public Task<IReadOnlyList<AccessTokenState>> AccessTokensOf(string user, CancellationToken ct) =>
        index.List<AccessTokenState>(Oldest(IdentityKinds.AccessToken).WithRef("user", user), ct);

    private static ResourceQuery Oldest(string kind) => new(kind) { Descending = false };
}
