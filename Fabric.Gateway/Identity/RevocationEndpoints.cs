using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary><c>/OS-REVOKE/events</c>: what has voided tokens that have not ended by themselves yet. Most of it is in the log; users
/// themselves say since when their tokens are void.</summary>
internal static class RevocationEndpoints
{
    private static readonly TimeSpan Buffer = TimeSpan.FromMinutes(30);

    internal static async Task<IResult> List(Call call)
    {
        var since = Since(call);
        var oldest = call.Get<TimeProvider>().GetUtcNow() - call.Get<IOptions<IdentityOptions>>().Value.TokenLifetime - Buffer;
        var index = call.Get<IdentityIndex>().Records;
        var events = new List<(Revocation What, DateTimeOffset At)>();
        var log = await index.List<RevokedTokenState>(new(IdentityKinds.RevokedToken) { Descending = false }, call.Aborted);
        events.AddRange(log.Select(static one => (one.What, one.RevokedAt)));
        var users = await index.List<UserState>(new(IdentityKinds.User) { ChangedSince = oldest, Descending = false }, call.Aborted);
        events.AddRange(users.Select(static user => (new Revocation { UserId = user.Id.Text }, user.TokensNotBefore)));
        return Reply.Json(new
        {
            events = events.Where(one => one.At >= oldest && (since is null || one.At > since)).OrderBy(static one => one.At)
                .Select(static one => Body(one.What, one.At)).ToArray(),
            links = new { next = (string?)null, self = call.BaseUrl + "/OS-REVOKE/events", previous = (string?)null },
        });
    }

    /// <summary>What belonged to tokens of another kind, which Keystone no longer has either.</summary>
    internal static Task<IResult> Gone(Call call) => throw new Fault(
        FaultKind.Gone, "Gone", "This API is no longer available due to the removal of support for PKI tokens.");

    /// <summary>A list that Keystone no longer makes, and refuses to everybody.</summary>
    internal static Task<IResult> Refused(Call call) => throw IdentityFaults.Forbidden();

    private static DateTimeOffset? Since(Call call)
    {
        if (call.Query("since") is not { Length: > 0 } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? since
            : throw Fault.BadRequest("ValidationError", $"invalidate date format {text}");
    }

    private static Dictionary<string, object?> Body(Revocation what, DateTimeOffset at)
    {
        var body = new Dictionary<string, object?>();
        (string, string?)[] ids =
        [
            ("user_id", what.UserId), ("role_id", what.RoleId), ("domain_id", what.DomainId), ("project_id", what.ProjectId),
            ("audit_id", what.AuditId), ("audit_chain_id", what.AuditChainId), ("OS-TRUST:trust_id", what.TrustId),
            ("OS-OAUTH1:consumer_id", what.ConsumerId), ("OS-OAUTH1:access_token_id", what.AccessTokenId),
        ];
        foreach (var (name, id) in ids)
        {
            if (id is not null)
                body[name] = id;
        }

        body["issued_before"] = body["revoked_at"] = Wire.Micros(TokenPayload.ToSeconds(at));
        return body;
    }
}
