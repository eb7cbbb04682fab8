using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What Keystone's rules may know of credentials, application credentials and trusts, under its names.</summary>
internal static class DelegationTargets
{
    /// <summary><c>target.credential.user_id</c>; of a credential that is not there nothing.</summary>
    internal static PolicyTarget Credential(UserId? user, string? path = null) => new(UserId: path is null ? null : new(path))
    {
        Attributes = user is { } owner ? new PolicyAttributes(("target.credential.user_id", owner.Text)) : null,
    };

    /// <summary><c>user_id</c> and <c>target.user.id</c>: whose the thing is.</summary>
    internal static PolicyTarget OwnedBy(UserId user) => new(UserId: user)
    {
        Attributes = new PolicyAttributes(("target.user.id", user.Text)),
    };

    /// <summary><c>target.trust.trustor_user_id</c> and <c>target.trust.trustee_user_id</c>, as far as they are known.</summary>
    internal static PolicyTarget Trust(UserId? trustor, UserId? trustee) => new()
    {
        Attributes = new PolicyAttributes([.. Ends(trustor, trustee)]),
    };

    /// <summary>A trust that is to be, as its body says.</summary>
    internal static PolicyTarget NewTrust(Call call) =>
        Trust(IdentityBody.Of(call, "trust").Text("trustor_user_id") is { } id ? new UserId(id) : null, null);

    /// <summary>A credential that is to be, as its body says.</summary>
    internal static PolicyTarget NewCredential(Call call) =>
        Credential(IdentityBody.Of(call, "credential").Text("user_id") is { } id ? new UserId(id) : null);

    private static IEnumerable<(string, string?)> Ends(UserId? trustor, UserId? trustee)
    {
        if (trustor is { } lends)
            yield return ("target.trust.trustor_user_id", lends.Text);
        if (trustee is { } borrows)
            yield return ("target.trust.trustee_user_id", borrows.Text);
    }
}
