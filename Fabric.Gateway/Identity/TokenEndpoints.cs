using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary><c>/auth/tokens</c></summary>
internal static class TokenEndpoints
{
    private const string SubjectHeader = "X-Subject-Token";

    internal static Task<IResult> Create(Call call) => Issue(
        call, offered => AuthRequest.Parse(call.Body.GetProperty("auth"), offered), token => Render(call, token, 201));

    /// <summary>Logs in and shows the token; or a receipt, when the user must prove more.</summary>
    /// <param name="call">The call.</param>
    /// <param name="read">Reads what is asked for, given the names of the methods offered.</param>
    /// <param name="show">The answer with the token.</param>
    internal static async Task<IResult> Issue(
        Call call, Func<IReadOnlySet<string>, AuthRequest> read, Func<KnownToken, Task<IResult>> show)
    {
        var authenticator = call.Get<Authenticator>();
        try
        {
            return await show(await authenticator.Login(read(authenticator.Offered), call.Http, call.Aborted));
        }
        catch (Fault fault) when (AuthRequest.NameMethods(fault, authenticator.Offered) is { } identity)
        {
            call.Http.Response.Headers.WWWAuthenticate = call.Service.Faults.Challenge(call.Origin);
            return Reply.Json(new { error = new { code = 401, identity, message = fault.Message, title = "Unauthorized" } }, 401);
        }
        catch (MoreMethodsNeededException needed)
        {
            return await call.Get<AuthReceipts>().Answer(call.Http, needed, authenticator.Offered);
        }
    }

    internal static async Task<IResult> Show(Call call)
    {
        var token = await Subject(call, call.IsSet("allow_expired"));
        RequireAccessRules(call, token);
        var rule = HttpMethods.IsHead(call.Http.Request.Method) ? IdentityPolicies.CheckToken : IdentityPolicies.ValidateToken;
        call.Require(rule, IdentityTargets.Token(token.Token.Actor.Id, token.Token.Actor.DomainId));
        return await Render(call, token, 200);
    }

    internal static async Task<IResult> Revoke(Call call)
    {
        var token = await Subject(call);
        call.Require(IdentityPolicies.RevokeToken, IdentityTargets.Token(token.Token.Actor.Id, token.Token.Actor.DomainId));
        var payload = token.Token.Payload;
        await call.Grains.GetGrain<IRevokedTokenGrain>(payload.AuditIds[0]).Revoke(payload.ExpiresAt);
        return Reply.Empty();
    }

    /// <summary>Where the cloud is, for this client: where the operator says, else where the client came.</summary>
    internal static string Address(Call call) => call.Get<IOptions<IdentityOptions>>().Value.PublicUrl?.TrimEnd('/') ?? call.Origin;

    /// <summary>The token with which the caller came.</summary>
    internal static async Task<ResolvedToken> OfCaller(Call call) =>
        (await call.Get<TokenValidator>().Find(call.Http.Request.Headers["X-Auth-Token"].ToString(), call.Aborted))?.Token
            ?? throw IdentityFaults.Unauthorized();

    private static async Task<KnownToken> Subject(Call call, bool allowExpired = false)
    {
        var text = call.Http.Request.Headers[SubjectHeader].ToString();
        if (text.Length == 0)
            throw TokenMethod.NoToken();
        var tokens = call.Get<TokenValidator>();
        var found = await tokens.Find(text, call.Aborted) ?? (allowExpired ? await tokens.FindExpired(text, call.Aborted) : null);
        return found ?? throw await tokens.Explain(text, call.Aborted, allowExpired);
    }

    /// <summary>Whoever does not know access rules must not learn that such a token is good: it would let it do anything.</summary>
    private static void RequireAccessRules(Call call, KnownToken token)
    {
        if (token.Token.AppCredential?.AccessRules is null)
            return;
        var text = call.Http.Request.Headers["OpenStack-Identity-Access-Rules"].ToString();
        if (!double.TryParse(text, CultureInfo.InvariantCulture, out var version) || version < 1)
            throw Fault.NotFound("TokenNotFound", "Failed to validate token");
    }

    /// <summary>A token as logins and validations answer it.</summary>
    internal static async Task<IResult> Render(Call call, KnownToken token, int status)
    {
        var index = call.Get<IdentityIndex>();
        var withCatalog = !call.Http.Request.Query.ContainsKey("nocatalog");
        // Both only grow, so their sum stays the same only as long as each does.
        var federation = call.Get<FederationIndex>();
        var version = await federation.ServiceProvidersVersion(call.Aborted)
            + (withCatalog ? await index.Version(IdentityKinds.Catalog, call.Aborted) : 0);
        var catalog = withCatalog
            ? (await index.Catalog(call.Aborted)).SeenBy(
                token.Token.Project?.Id.Text, call.Get<IOptions<IdentityOptions>>().Value.ReturnAllEndpointsIfNoFilter)
            : null;
        var others = await federation.ServiceProviders(call.Aborted);
        var address = Address(call);
        call.Http.Response.Headers[SubjectHeader] = token.Text;
        return Reply.Utf8(token.Body(address, version, withCatalog, () => TokenBodies.Render(token.Token, catalog, others, address)),
            status);
    }
}
