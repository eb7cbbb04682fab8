using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What somebody brings to prove what an identity provider says: a bearer token, or a SAML response.</summary>
/// <param name="Bearer">An OpenID Connect token.</param>
/// <param name="Saml">A SAML response, or a SOAP envelope around one.</param>
/// <param name="RelayState">What a browser was given to carry along.</param>
internal sealed record PresentedProof(string? Bearer, string? Saml, string? RelayState)
{
    private const int MostBytes = 512 * 1024;
    private const string BearerScheme = "Bearer ";

    /// <summary>What was proven already: a browser's login by a code ends with claims.</summary>
    internal JsonElement? Claims { get; init; }

    /// <summary>Reads it from a request: the header, a browser's form, or a body of XML.</summary>
    internal static async Task<PresentedProof> Read(HttpRequest request, CancellationToken ct)
    {
        var shown = OfHeader(request);
        if (shown.Bearer is not null || !HttpMethods.IsPost(request.Method))
            return shown;
        var body = await ReadBody(request, ct);
        if (!request.HasFormContentType)
            return new(null, body.Length == 0 ? null : body, null);
        var form = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(body);
        return new(null, Decode(form.GetValueOrDefault("SAMLResponse").ToString()),
            form.GetValueOrDefault("RelayState").ToString() is { Length: > 0 } state ? state : null);
    }

    /// <summary>What the header alone says, of a request whose body is for something else.</summary>
    internal static PresentedProof OfHeader(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return new(authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[BearerScheme.Length..].Trim() : null, null, null);
    }

    /// <summary>Who is said to have said it. Nothing is proven by that: it tells with whose keys to look.</summary>
    internal string? ClaimedIssuer()
    {
        if (Saml is not null)
        {
            return SamlXml.Parse(Saml).GetElementsByTagName("Issuer", SamlXml.Assertion).OfType<System.Xml.XmlElement>()
                .FirstOrDefault()?.InnerText.Trim();
        }

        if (Bearer?.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.GetProperty("iss").GetString();
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AssertionRefusedException("The token is no JSON web token: " + error.Message);
        }
    }

    private static string? Decode(string text)
    {
        try
        {
            return text.Length == 0 ? null : Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw new AssertionRefusedException("The response is no base 64.");
        }
    }

    private static async Task<string> ReadBody(HttpRequest request, CancellationToken ct)
    {
        var buffer = new byte[MostBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        return length > MostBytes
            ? throw new Fault(FaultKind.TooLarge, "RequestTooLarge", "Request is too large.")
            : Encoding.UTF8.GetString(buffer, 0, length).TrimStart('\uFEFF');
    }
}
