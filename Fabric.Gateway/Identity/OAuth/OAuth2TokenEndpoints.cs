using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Fabric.Gateway.Identity.OAuth;

/// <summary><c>/OS-OAUTH2/token</c>: OAuth 2.0's grant for clients (RFC 6749, section 4.4), the client being an application credential. Its
/// errors have that document's form (source: <c>keystone/api/os_oauth2.py</c>).</summary>
internal static class OAuth2TokenEndpoints
{
    // One short field is wanted.
    private const int FormLimitBytes = 16 * 1024;

    internal static async Task<IResult> Create(Call call)
    {
        try
        {
            var (id, secret) = Client(call.Http.Request);
            await RequireGrant(call.Http.Request, call.Aborted);
            var token = await call.Get<Authenticator>().Login(Request(id, secret), call.Http, call.Aborted);
            return Reply.Json(new
            {
                access_token = token.Text,
                token_type = "Bearer",
                expires_in = (long)call.Get<IOptions<IdentityOptions>>().Value.TokenLifetime.TotalSeconds,
            });
        }
        catch (OAuth2Exception refused)
        {
            return Refused(call, refused.Status, refused.Error, refused.Message);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Unauthorized)
        {
            return Refused(call, 401, "invalid_client", fault.Message);
        }
        catch (Fault fault) when (fault.Kind is not FaultKind.Unexpected)
        {
            return Refused(call, call.Service.Faults.Status(fault), "other_error",
                "An unknown error occurred and failed to get an OAuth2.0 access token.");
        }
        catch (MoreMethodsNeededException)
        {
            return Refused(call, 401, "invalid_client", IdentityFaults.Unauthorized().Message);
        }
    }

    internal static Task<IResult> NotAllowed(Call call) =>
        Task.FromResult(Refused(call, 405, "other_error", "The method is not allowed for the requested URL."));

    private static (string Id, string Secret) Client(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var given))
            throw BadClient("OAuth2.0 client authorization is required.");
        if (!given.Scheme.Equals("basic", StringComparison.OrdinalIgnoreCase))
        {
            throw BadClient(given.Scheme.Equals("digest", StringComparison.OrdinalIgnoreCase)
                ? "OAuth2.0 client authorization type digest is not supported."
                : "OAuth2.0 client authorization is required.");
        }

        var buffer = new byte[given.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(given.Parameter ?? "", buffer, out var length))
            throw BadClient("OAuth2.0 client authorization is required.");
        var pair = Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2);
        return pair switch
        {
            [{ Length: > 0 } id, { Length: > 0 } secret] => (id, secret),
            [_, _] => throw BadClient("OAuth2.0 client authorization is invalid."),
            _ => throw BadClient("OAuth2.0 client authorization is required."),
        };
    }

    private static async Task RequireGrant(HttpRequest request, CancellationToken ct)
    {
        string? grant = null;
        try
        {
            if (request.HasFormContentType)
                grant = (await request.ReadFormAsync(Limits, ct))["grant_type"].FirstOrDefault();
        }
        catch (InvalidDataException)
        {
            // A form that cannot be read has no fields, as with Keystone.
        }

        if (grant is null)
            throw new OAuth2Exception(400, "invalid_request", "The parameter grant_type is required.");
        if (grant != "client_credentials")
            throw new OAuth2Exception(400, "unsupported_grant_type", $"The parameter grant_type {grant} is not supported.");
    }

    private static FormOptions Limits => new()
    {
        BufferBodyLengthLimit = FormLimitBytes, MultipartBodyLengthLimit = FormLimitBytes, ValueLengthLimit = FormLimitBytes,
        ValueCountLimit = 64,
    };

    private static AuthRequest Request(string id, string secret) => new()
    {
        Methods = ["application_credential"],
        Identity = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["application_credential"] = new JsonObject { ["id"] = id, ["secret"] = secret },
        }),
    };

    private static IResult Refused(Call call, int status, string error, string description)
    {
        if (status == StatusCodes.Status401Unauthorized)
            call.Http.Response.Headers[HeaderNames.WWWAuthenticate] = $"Keystone uri=\"{call.BaseUrl}\"";
        return Reply.Json(new { error, error_description = description }, status);
    }

    private static OAuth2Exception BadClient(string why) => new(401, "invalid_client", why);

    private sealed class OAuth2Exception(int status, string error, string message) : Exception(message)
    {
        internal int Status => status;

        internal string Error => error;
    }
}
