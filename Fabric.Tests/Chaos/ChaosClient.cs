using System.Net.Http.Json;
using System.Text.Json;

namespace Fabric.Tests.Chaos;

/// <summary>What became of a request. No status: nobody can say whether it was done.</summary>
internal sealed record ChaosAnswer(int? Status, JsonElement Body, string Text)
{
    /// <summary>It was done.</summary>
    internal bool Yes => Status is >= 200 and < 300;

    /// <summary>It was not done, for sure.</summary>
    internal bool No => Status is >= 400 and < 500;

    /// <inheritdoc/>
    public override string ToString() => $"{Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no answer"} {Text}";
}

/// <summary>An administrator who reaches the cloud through any of its gateways.</summary>
internal sealed class ChaosClient : IDisposable
{
    /// <summary>Longer than the cluster's own limit on a call, so that most answers are the cluster's.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private readonly IReadOnlyList<HttpClient> gateways;

    private ChaosClient(IReadOnlyList<Uri> addresses) =>
        gateways = [.. addresses.Select(static address => new HttpClient { BaseAddress = address, Timeout = Limit })];

    /// <summary>The administrator's own project.</summary>
    internal string Project { get; private set; } = "";

    /// <summary>How many requests came to what, by status; 0 stands for no answer.</summary>
    internal System.Collections.Concurrent.ConcurrentDictionary<int, int> Counts { get; } = new();

    /// <summary>Answers that say that something went wrong which nobody thought of.</summary>
    internal System.Collections.Concurrent.ConcurrentQueue<string> Bugs { get; } = new();

    internal static async Task<ChaosClient> LogIn(IReadOnlyList<Uri> gateways, string password)
    {
        var client = new ChaosClient(gateways);
        var domain = new { id = "default" };
        using var answer = await client.gateways[0].PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = new { user = new { name = "admin", password, domain } } },
                scope = new { project = new { name = "admin", domain } },
            },
        });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        client.Project = JsonDocument.Parse(text).RootElement.GetProperty("token").GetProperty("project").GetProperty("id").GetString()!;
        foreach (var gateway in client.gateways)
            gateway.DefaultRequestHeaders.Add("X-Auth-Token", answer.Headers.GetValues("X-Subject-Token").Single());
        return client;
    }

    /// <summary>Sends a request through one of the gateways.</summary>
    internal async Task<ChaosAnswer> Send(int gateway, string method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = content };
        request.Headers.Add("OpenStack-API-Version", ["compute 2.87", "placement 1.36"]);
        try
        {
            using var answer = await gateways[gateway % gateways.Count].SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            var status = (int)answer.StatusCode;
            Counts.AddOrUpdate(status, 1, static (_, count) => count + 1);
            if (status is 500)
                Bugs.Enqueue($"{method} {path}: 500 {text}");
            // Zed answers some errors in HTML: only what worked is read.
            return new(status, status < 300 && text.Length > 0 ? JsonDocument.Parse(text).RootElement : default, text);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            Counts.AddOrUpdate(0, 1, static (_, count) => count + 1);
            return new(null, default, failure.Message);
        }
    }

    /// <summary>The same with a body of JSON.</summary>
    internal Task<ChaosAnswer> Send(int gateway, string method, string path, object? body = null) =>
        Send(gateway, method, path, body is null ? null : JsonContent.Create(body));

    /// <summary>Sends what must work, in quiet times.</summary>
    internal async Task<JsonElement> Do(string method, string path, object? body = null)
    {
        var answer = await Send(0, method, path, body);
        Assert.True(answer.Yes, $"{method} {path}: {answer}");
        return answer.Body;
    }

    /// <summary>What a list holds.</summary>
    internal async Task<IReadOnlyList<JsonElement>> List(string path, string property) =>
        [.. (await Do("GET", path)).GetProperty(property).EnumerateArray()];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gateway in gateways)
            gateway.Dispose();
    }
}
