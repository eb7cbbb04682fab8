using System.Text;
using System.Text.Encodings.Web;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Logins by what an identity provider says: for programs, which read the token, and for browsers, which carry it to a dashboard.
/// </summary>
internal static class FederationAuthEndpoints
{
    private const string Unknown = "?";

    /// <summary><c>/OS-FEDERATION/identity_providers/{id}/protocols/{id}/auth</c></summary>
    internal static async Task<IResult> Login(Call call)
    {
        var (provider, protocol, http) = (call.Path("idp_id"), call.Path("protocol_id"), call.Http);
        if (HttpMethods.IsGet(http.Request.Method) && TakesRequests(http.Request) && await Guarded(
            call, provider, call.Get<SamlRequests>().Envelope(provider, protocol, http.Request.Path, call.Aborted)) is { } request)
            return Results.Bytes(Encoding.UTF8.GetBytes(request), SamlRequests.EnhancedType);
        var proof = await Read(call, provider);
        return await TokenEndpoints.Issue(
            call, _ => AuthRequest.Federated(provider, protocol, proof), token => TokenEndpoints.Render(call, token, 201));
    }

    /// <summary><c>/auth/OS-FEDERATION/websso/{protocol}</c>: the proof says whose it is. A browser without one is sent to fetch one, when
    /// one provider alone can be meant.</summary>
    internal static async Task<IResult> Websso(Call call)
    {
        var proof = await Read(call, Unknown);
        var protocol = call.Path("protocol_id");
        if (IsEmpty(proof) && call.Query("origin") is not null
            && await Guarded(call, Unknown, call.Get<BrowserLogin>().Address(call, protocol, Origin(call, proof))) is { } address)
            return Results.Redirect(address);
        var provider = await call.Get<FederatedLogin>().FindProvider(protocol, proof, call.Aborted);
        return await CarryHome(call, provider, proof, Origin(call, proof));
    }

    /// <summary><c>/auth/OS-FEDERATION/identity_providers/{id}/protocols/{id}/websso</c>: a browser without a proof is sent to fetch one,
    /// and comes back here.</summary>
    internal static async Task<IResult> WebssoOfProvider(Call call)
    {
        var (provider, protocol, http) = (call.Path("idp_id"), call.Path("protocol_id"), call.Http);
        if (OpenIdBrowser.ComesBack(http.Request))
        {
            var (claims, back) = await Guarded(call, provider, call.Get<OpenIdBrowser>().Finish(provider, protocol, http));
            return await CarryHome(call, provider, new(null, null, null) { Claims = claims }, back);
        }

        var proof = await Read(call, provider);
        var origin = Origin(call, proof);
        return IsEmpty(proof) && await Guarded(
            call, provider, call.Get<BrowserLogin>().Address(call, provider, protocol, http.Request.Path, origin)) is { } address
            ? Results.Redirect(address)
            : await CarryHome(call, provider, proof, origin);
    }

    private static Task<IResult> CarryHome(Call call, string provider, PresentedProof proof, string origin) => TokenEndpoints.Issue(
        call, _ => AuthRequest.Federated(provider, call.Path("protocol_id"), proof), token => Task.FromResult(Form(call, token, origin)));

    /// <summary>The page that carries a token to a dashboard.</summary>
    internal static IResult Form(Call call, KnownToken token, string origin)
    {
        call.Http.Response.Headers.CacheControl = "no-store";
        var (host, text) = (HtmlEncoder.Default.Encode(origin), HtmlEncoder.Default.Encode(token.Text));
        return Results.Content($"""
            <!DOCTYPE html>
            <html>
              <head><title>Logging in</title></head>
              <body onload="document.forms[0].submit()">
                <form id="sso" name="sso" action="{host}" method="post">
                  <input type="hidden" name="token" id="token" value="{text}"/>
                  <noscript><input type="submit" value="Go on to the dashboard"/></noscript>
                </form>
              </body>
            </html>

            """, "text/html; charset=utf-8");
    }

    // An enhanced client that comes without a proof and can fetch one.
    private static bool TakesRequests(HttpRequest request) => request.Headers.Authorization.Count == 0
        && request.Headers.Accept.ToString().Contains(SamlRequests.EnhancedType, StringComparison.Ordinal);

    private static bool IsEmpty(PresentedProof proof) => proof is { Bearer: null, Saml: null };

    private static Task<PresentedProof> Read(Call call, string provider) =>
        Guarded(call, provider, PresentedProof.Read(call.Http.Request, call.Aborted));

    private static Task<T> Guarded<T>(Call call, string provider, Task<T> work) =>
        call.Get<FederatedLogin>().Guarded(provider, call.Path("protocol_id"), work);

    // Only dashboards that the operator trusts get tokens. A browser that was sent to log in carries the address along.
    private static string Origin(Call call, PresentedProof proof)
    {
        var origin = call.Query("origin") ?? proof.RelayState;
        if (string.IsNullOrEmpty(origin))
            throw Fault.BadRequest("ValidationError", "Request must have an origin query parameter");
        var host = Uri.UnescapeDataString(origin.Replace('+', ' '));
        return call.Get<IOptions<FederationOptions>>().Value.TrustedDashboards.Any(trusted => LowerHost(trusted) == host)
            ? host
            : throw IdentityFaults.Unauthorized();
    }

    // Names of hosts know no case; what follows them does.
    private static string LowerHost(string address)
    {
        var begin = address.IndexOf("://", StringComparison.Ordinal);
        var path = begin < 0 ? -1 : address.IndexOf('/', begin + 3);
        return path < 0 ? address.ToLowerInvariant() : address[..path].ToLowerInvariant() + address[path..];
    }
}
