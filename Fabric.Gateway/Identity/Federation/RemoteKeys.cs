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
    private readonly ConcurrentDictionary<string, Discovered> discovered = new(StringComparer.Ordinal);
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
            var keys = JsonWebKey.Parse(await Fetch(trust.JwksUri ?? await KeysAddress(trust, missing, ct), ct));
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

    /// <summary>The document in which the issuer says where things are, kept for a while.</summary>
    internal async Task<JsonElement> Discover(OpenIdTrust trust, CancellationToken ct, bool anew = false)
    {
        var known = discovered.GetValueOrDefault(trust.Discovery!);
        if (known is not null && !anew && time.GetElapsedTime(known.At) < Fresh)
            return known.Document;
        try
        {
            using var document = JsonDocument.Parse(await Fetch(trust.Discovery!, ct));
            if (document.RootElement.GetProperty("issuer").GetString() != trust.Issuer)
                throw new AssertionRefusedException("What was discovered is of another issuer.");
            var found = document.RootElement.Clone();
            discovered[trust.Discovery!] = new(found, time.GetTimestamp());
            return found;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AssertionRefusedException("What was discovered says nothing of the issuer: " + error.Message);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return known?.Document ?? throw Fault.Unavailable("The identity provider cannot be reached. Try again later.");
        }
    }

    /// <summary>An address that may be asked: by https, or on this host.</summary>
    internal static Uri Address(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || IsOwnHost(uri))
            ? uri
            : throw new AssertionRefusedException("Identity providers are asked by https, or on this host.");

    private async Task<string> KeysAddress(OpenIdTrust trust, bool missing, CancellationToken ct)
    {
        var document = await Discover(trust, ct, missing);
        return document.TryGetProperty("jwks_uri", out var address) && address.ValueKind == JsonValueKind.String
            ? address.GetString()!
            : throw new AssertionRefusedException("What was discovered does not say where the keys are.");
    }

    private Task<string> Fetch(string address, CancellationToken ct) => http.GetStringAsync(Address(address), ct);

    private static bool IsOwnHost(Uri uri) => uri is { Scheme: "http", IsLoopback: true };

    private sealed record Discovered(JsonElement Document, long At);

    private sealed record Kept(IReadOnlyList<JsonWebKey> Keys, long At);
}
