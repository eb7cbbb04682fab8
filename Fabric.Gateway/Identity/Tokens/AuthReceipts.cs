using System.Text;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>The user's own rules ask for more proof than was given.</summary>
internal sealed class MoreMethodsNeededException(UserState user, TokenMethods proven)
    : Exception("More methods of authentication are needed.")
{
    internal UserState User => user;
    internal TokenMethods Proven => proven;
}

/// <summary>Receipts for a part of the proof that a user's rules ask for: whoever has one need not prove that part again (source:
/// <c>keystone/receipt</c>, <c>UserMFARulesValidator</c> in <c>keystone/auth/core.py</c>).</summary>
internal sealed class AuthReceipts(FernetKeys keys, IdentityIndex index, TimeProvider time, IOptions<IdentityOptions> options)
{
    internal const string Header = "Openstack-Auth-Receipt";

    /// <summary>What was proven before, by the receipt of the request; none without one.</summary>
    internal TokenMethods Earlier(HttpContext http, UserState user)
    {
        var text = http.Request.Headers[Header].ToString();
        if (text.Length == 0)
            return TokenMethods.None;
        return Read(text) is { } receipt && receipt.UserId == user.Id.Text && receipt.ExpiresAt > time.GetUtcNow()
            && receipt.IssuedAt >= user.TokensNotBefore
            ? receipt.Methods
            : throw Fault.Unauthorized($"Could not find auth receipt: {text}.");
    }

    /// <summary>The user's rules are kept; throws <see cref="MoreMethodsNeededException"/> when they are not.</summary>
    internal static void Require(UserState user, TokenMethods proven, IReadOnlySet<string> offered)
    {
        var rules = MfaRules.Of(user, offered);
        var have = TokenMethodNames.Of(proven);
        if (rules.Count > 0 && !rules.Any(rule => rule.All(have.Contains)))
            throw new MoreMethodsNeededException(user, proven);
    }

    /// <summary>The answer to a login that needs more: 401 with a receipt.</summary>
    internal async Task<IResult> Answer(HttpContext http, MoreMethodsNeededException needed, IReadOnlySet<string> offered)
    {
        var user = needed.User;
        var domain = await index.FindDomain(user.DomainId.Text, http.RequestAborted);
        var issued = TokenPayload.ToMicroseconds(time.GetUtcNow());
        var receipt = new Receipt(user.Id.Text, needed.Proven, issued, issued + options.Value.ReceiptLifetime);
        var methods = TokenMethodNames.Of(needed.Proven);
        http.Response.Headers[Header] = keys.Primary.Seal(JsonSerializer.SerializeToUtf8Bytes(receipt), issued);
        return Reply.Json(new
        {
            receipt = new
            {
                methods,
                user = new { id = user.Id.Text, name = user.Name, domain = new { id = user.DomainId.Text, name = domain?.Name ?? "" } },
                expires_at = Wire.Micros(TokenPayload.ToSeconds(receipt.ExpiresAt)),
                issued_at = Wire.Micros(TokenPayload.ToSeconds(issued)),
            },
            required_auth_methods = MfaRules.Of(user, offered).Where(rule => rule.Any(methods.Contains)).ToArray(),
        }, 401);
    }

    // It begins with a brace, which no token does: neither is ever taken for the other.
    private Receipt? Read(string text) => keys.Open(text) is { } content && content[0] == (byte)'{'
        ? JsonSerializer.Deserialize<Receipt>(Encoding.UTF8.GetString(content))
        : null;

    private sealed record Receipt(string UserId, TokenMethods Methods, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);
}
