using System.Collections.Concurrent;
using System.Text.Json;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>The keys of OpenID Connect issuers, fetched where the operator said, and kept for a while. A key nobody knows makes us look
/// again, but not at each login: whoever sends tokens with invented keys shall not make us bother the issuer.</summary>
internal sealed class RemoteKeys(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private const int MostBytes = 1 << 20;

    private readonly ConcurrentDictionary<string, Kept> kept = new(StringComparer.Ordinal);
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MostBytes,
    };

    /// <summary>The issuer's keys.</summary>
    /// <param name="trust">The issuer.</param>
    /// <param name="missing">Whether the keys given before lacked one.</param>
    /// <param name="ct">Stops.</param>
    internal async Task<IReadOnlyList<JsonWebKey>> Of(OpenIdTrust trust, bool missing, CancellationToken ct)
    {
        var source = trust.JwksUri ?? trust.Discovery ?? throw new AssertionRefusedException("The issuer has no keys in its settings.");
        var limit = missing ? LookAgain : Fresh;
        var known = kept.GetValueOrDefault(source);
        if (known is not null && time.GetElapsedTime(known.At) < limit)
            return known.Keys;
        try
        {
            var keys = JsonWebKey.Parse(await Fetch(trust.JwksUri ?? await Discover(trust, ct), ct));
            kept[source] = new(keys, time.GetTimestamp());
            return keys;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            // Old keys are better than none: the issuer may be down while its users are not.
            return known?.Keys ?? throw Fault.Unavailable("The identity provider's keys cannot be had. Try again later.");
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<string> Discover(OpenIdTrust trust, CancellationToken ct)
    {
        try
        {
            using var document = JsonDocument.Parse(await Fetch(trust.Discovery!, ct));
            return document.RootElement.GetProperty("issuer").GetString() == trust.Issuer
                ? document.RootElement.GetProperty("jwks_uri").GetString()!
                : throw new AssertionRefusedException("What was discovered is of another issuer.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AssertionRefusedException("What was discovered does not say where the keys are: " + error.Message);
        }
    }

    private Task<string> Fetch(string address, CancellationToken ct)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !IsOwnHost(uri)))
            throw new AssertionRefusedException("Keys are fetched by https, or from this host.");
        return http.GetStringAsync(uri, ct);
    }

    private static bool IsOwnHost(Uri uri) => uri is { Scheme: "http", IsLoopback: true };

    private sealed record Kept(IReadOnlyList<JsonWebKey> Keys, long At);
}
