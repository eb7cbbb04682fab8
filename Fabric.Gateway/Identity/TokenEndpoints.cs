using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary><c>/auth/tokens</c></summary>
internal static class TokenEndpoints
{
    private const string SubjectHeader = "X-Subject-Token";

    internal static async Task<IResult> Create(Call call)
    {
        var request = AuthRequest.Parse(call.Body.GetProperty("auth"));
        var token = await call.Get<Authenticator>().Login(request, call.Aborted);
        return await Render(call, token, 201);
    }

    internal static async Task<IResult> Show(Call call)
    {
        var token = await Subject(call);
        var rule = HttpMethods.IsHead(call.Http.Request.Method) ? IdentityPolicies.CheckToken : IdentityPolicies.ValidateToken;
        call.Require(rule, IdentityTargets.Token(token.Token.User.Id, token.Token.User.DomainId));
        return await Render(call, token, 200);
    }

    internal static async Task<IResult> Revoke(Call call)
    {
        var token = await Subject(call);
        call.Require(IdentityPolicies.RevokeToken, IdentityTargets.Token(token.Token.User.Id, token.Token.User.DomainId));
        var payload = token.Token.Payload;
        await call.Grains.GetGrain<IRevokedTokenGrain>(payload.AuditIds[0]).Revoke(payload.ExpiresAt);
        return Reply.Empty();
    }

    /// <summary>Where the cloud is, for this client: where the operator says, else where the client came.</summary>
    internal static string Address(Call call) => call.Get<IOptions<IdentityOptions>>().Value.PublicUrl?.TrimEnd('/') ?? call.Origin;

    private static async Task<KnownToken> Subject(Call call)
    {
        var text = call.Http.Request.Headers[SubjectHeader].ToString();
        if (text.Length == 0)
            throw Fault.NotFound("TokenNotFound", "No token in the request");
        return await call.Get<TokenValidator>().Find(text, call.Aborted) ?? throw IdentityFaults.NotFound("token", text);
    }

    private static async Task<IResult> Render(Call call, KnownToken token, int status)
    {
        var index = call.Get<IdentityIndex>();
        var withCatalog = !call.Http.Request.Query.ContainsKey("nocatalog");
        var version = withCatalog ? await index.Version(IdentityKinds.Catalog, call.Aborted) : 0;
        var catalog = withCatalog
            ? (await index.Catalog(call.Aborted)).SeenBy(
                token.Token.Project?.Id.Text, call.Get<IOptions<IdentityOptions>>().Value.ReturnAllEndpointsIfNoFilter)
            : null;
        var address = Address(call);
        call.Http.Response.Headers[SubjectHeader] = token.Text;
        call.Http.Response.Headers.Vary = "X-Auth-Token";
        return Reply.Utf8(token.Body(address, version, withCatalog, () => TokenBodies.Render(token.Token, catalog, address)), status);
    }
}
