using System.Text;
using System.Text.Encodings.Web;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Logins by what an identity provider says: for programs, which read the token, and for browsers, which carry it to a dashboard.
/// </summary>
internal static class FederationAuthEndpoints
{
    /// <summary><c>/OS-FEDERATION/identity_providers/{id}/protocols/{id}/auth</c></summary>
    internal static async Task<IResult> Login(Call call)
    {
        var (provider, protocol, http) = (call.Path("idp_id"), call.Path("protocol_id"), call.Http);
        if (HttpMethods.IsGet(http.Request.Method) && TakesRequests(http.Request) && await Request(call) is { } request)
            return Results.Bytes(Encoding.UTF8.GetBytes(request), SamlRequests.EnhancedType);
        var token = await call.Get<FederatedLogin>().Login(provider, protocol, http, call.Aborted);
        return await TokenEndpoints.Render(call, token, 201);
    }

    /// <summary><c>/auth/OS-FEDERATION/websso/{protocol}</c>: the proof says whose it is.</summary>
    internal static async Task<IResult> Websso(Call call)
    {
        var proof = await Read(call);
        var provider = await call.Get<FederatedLogin>().FindProvider(call.Path("protocol_id"), proof, call.Aborted);
        return await CarryHome(call, provider, proof, Origin(call, proof));
    }

    /// <summary><c>/auth/OS-FEDERATION/identity_providers/{id}/protocols/{id}/websso</c>: a browser without a proof is sent to fetch one.
    /// </summary>
    internal static async Task<IResult> WebssoOfProvider(Call call)
    {
        var proof = await Read(call);
        var origin = Origin(call, proof);
        var provider = call.Path("idp_id");
        var path = call.Http.Request.Path;
        if (proof is { Bearer: null, Saml: null } && await Guarded(
            call.Get<SamlRequests>().LoginAddress(provider, call.Path("protocol_id"), path, origin, call.Aborted)) is { } address)
            return Results.Redirect(address);
        return await CarryHome(call, provider, proof, origin);
    }

    private static async Task<IResult> CarryHome(Call call, string provider, PresentedProof proof, string origin)
    {
        var token = await call.Get<FederatedLogin>().Login(
            provider, call.Path("protocol_id"), proof, call.Http.Request.Path, call.Aborted);
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

    private static Task<string?> Request(Call call) => Guarded(call.Get<SamlRequests>().Envelope(
        call.Path("idp_id"), call.Path("protocol_id"), call.Http.Request.Path, call.Aborted));

    private static Task<PresentedProof> Read(Call call) => Guarded(PresentedProof.Read(call.Http.Request, call.Aborted));

    private static async Task<T> Guarded<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (AssertionRefusedException)
        {
            throw IdentityFaults.Unauthorized();
        }
    }

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
