using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Asks an OpenID Connect provider, as one of its clients.</summary>
internal sealed class OpenIdProvider(RemoteKeys remote) : IDisposable
{
    private const int MostBytes = 1 << 20;

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MostBytes,
    };

    /// <summary>One of its addresses: as the settings say, else as it says itself.</summary>
    internal async Task<string> Endpoint(OpenIdTrust trust, string? set, string name, CancellationToken ct)
    {
        if (set is not null)
            return set;
        if (trust.Discovery is null)
            throw new AssertionRefusedException($"The settings name neither the issuer's {name} nor where it says it.");
        var document = await remote.Discover(trust, ct);
        return document.TryGetProperty(name, out var address) && address.ValueKind == JsonValueKind.String
            ? address.GetString()!
            : throw new AssertionRefusedException($"The issuer has no {name}.");
    }

    /// <summary>Sends a form and reads JSON. Refused when the provider refuses; unavailable when it cannot be reached.</summary>
    internal Task<JsonElement> Post(
        string address, OpenIdTrust trust, string directory, Dictionary<string, string> form, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, RemoteKeys.Address(address));
        var (id, secret) = (trust.ClientId ?? trust.Audiences[0], Secret(trust, directory));
        if (secret is null || trust.ClientSecretInForm)
        {
            form["client_id"] = id;
            if (secret is not null)
                form["client_secret"] = secret;
        }
        else
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(
                Encoding.UTF8.GetBytes(Uri.EscapeDataString(id) + ":" + Uri.EscapeDataString(secret))));
        }

        request.Content = new FormUrlEncodedContent(form);
        return Send(request, ct);
    }

    /// <summary>Reads JSON with an access token.</summary>
    internal Task<JsonElement> Get(string address, string bearer, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, RemoteKeys.Address(address));
        request.Headers.Authorization = new("Bearer", bearer);
        return Send(request, ct);
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> Send(HttpRequestMessage request, CancellationToken ct)
    {
        using (request)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            try
            {
                using var answer = await http.SendAsync(request, ct);
                if ((int)answer.StatusCode >= 500)
                    throw Unavailable();
                if (!answer.IsSuccessStatusCode)
                    throw new AssertionRefusedException($"The identity provider answered {(int)answer.StatusCode}.");
                using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
                return document.RootElement.ValueKind == JsonValueKind.Object
                    ? document.RootElement.Clone()
                    : throw new AssertionRefusedException("The identity provider's answer is no object.");
            }
            catch (JsonException error)
            {
                throw new AssertionRefusedException("The identity provider's answer is no JSON: " + error.Message);
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                throw Unavailable();
            }
        }
    }

    private static string? Secret(OpenIdTrust trust, string directory)
    {
        try
        {
            return trust.ClientSecretFile is { } file ? File.ReadAllText(Path.Combine(directory, file)).Trim() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AssertionRefusedException("The client's secret cannot be read: " + error.Message);
        }
    }

    private static Fault Unavailable() => Fault.Unavailable("The identity provider cannot be reached. Try again later.");
}
