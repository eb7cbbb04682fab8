using System.Collections.Concurrent;
using System.Globalization;
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
    public override string ToString() => $"{Status?.ToString(CultureInfo.InvariantCulture) ?? "no answer"} {Text}";
}

/// <summary>An administrator who reaches the cloud through any of its gateways.</summary>
internal sealed class ChaosClient : IDisposable
{
    /// <summary>Longer than the cluster's own limit on a call, so that most answers are the cluster's.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    /// <summary>How long what has healed, or was never hurt, may take to answer, on a machine that has much else to do.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Shorter than a gateway drains.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<HttpClient> gateways;
    private int going = -1;
    private int broken;

    private ChaosClient(IReadOnlyList<Uri> addresses) =>
        gateways = [.. addresses.Select(static address => new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = Idle })
        {
            BaseAddress = address,
            Timeout = Limit,
        })];

    /// <summary>The administrator's own project.</summary>
    internal string Project { get; private set; } = "";

    /// <summary>How many requests came to what, by status; 0 stands for no answer.</summary>
    internal ConcurrentDictionary<int, int> Counts { get; } = new();

    /// <summary>Answers that say that something went wrong which nobody thought of.</summary>
    internal ConcurrentQueue<string> Bugs { get; } = new();

    /// <summary>Nobody is hurt, members only come and go in order: a request goes to another gateway when one does not listen, and whatever
    /// else does not work is a failure. But for a request that meets the end of its connection, because the gateway that was told to stop
    /// did not wait for it for ever.</summary>
    internal bool NothingMayFail { get; set; }

    /// <summary>What failed while nothing may.</summary>
    internal ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>How many requests met the end of their connections.</summary>
    internal int Broken => broken;

    /// <summary>The gateway that is told to stop; less than 0 when none is.</summary>
    internal int Going
    {
        get => Volatile.Read(ref going);
        set => Volatile.Write(ref going, value);
    }

    internal static async Task<ChaosClient> LogIn(IReadOnlyList<Uri> gateways, string password)
    {
        var client = new ChaosClient(gateways);
        await client.LogIn(password);
        return client;
    }

    /// <summary>Again, in quiet times: a token lives for an hour.</summary>
    internal async Task LogIn(string password)
    {
        var domain = new { id = "default" };
        using var answer = await gateways[0].PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = new { user = new { name = "admin", password, domain } } },
                scope = new { project = new { name = "admin", domain } },
            },
        });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        Project = JsonDocument.Parse(text).RootElement.GetProperty("token").GetProperty("project").GetProperty("id").GetString()!;
        foreach (var gateway in gateways)
        {
            gateway.DefaultRequestHeaders.Remove("X-Auth-Token");
            gateway.DefaultRequestHeaders.Add("X-Auth-Token", answer.Headers.GetValues("X-Subject-Token").Single());
        }
    }

    /// <summary>Sends a request through one of the gateways.</summary>
    internal Task<ChaosAnswer> Send(int gateway, string method, string path, object? body = null) =>
        Send(gateway, method, path, () => body is null ? null : JsonContent.Create(body));

    /// <summary>The same with a body that is not JSON.</summary>
    internal async Task<ChaosAnswer> Send(int gateway, string method, string path, Func<HttpContent?> content)
    {
        var begun = TimeProvider.System.GetTimestamp();
        for (var at = gateway; ; at++)
        {
            var goes = Going == at % gateways.Count;
            var (answer, refused) = await SendOnce(at, method, path, content());
            if (!NothingMayFail || answer.Yes || answer.No)
                return answer;
            if (refused && TimeProvider.System.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(Pause);
                continue;
            }
            if (answer.Status is null && (goes || Going == at % gateways.Count))
                Interlocked.Increment(ref broken);
            else
                Failures.Enqueue($"{method} {path} by gateway {(at % gateways.Count) + 1}: {answer}");
            return answer;
        }
    }

    /// <summary>Sends what may be sent twice until there is an answer that says what is, in quiet times.</summary>
    internal async Task<ChaosAnswer> Insist(int gateway, string method, string path, object? body = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await Send(gateway, method, path, body);
            if (answer.Yes || answer.No || TimeProvider.System.GetElapsedTime(begun) > Patience)
                return answer;
            await Task.Delay(Pause);
        }
    }

    /// <summary>Sends what must work, in quiet times.</summary>
    internal async Task<JsonElement> Do(string method, string path, object? body = null)
    {
        var answer = method == "POST" ? await Send(0, method, path, body) : await Insist(0, method, path, body);
        // What was deleted by an attempt without an answer is gone.
        Assert.True(answer.Yes || (method == "DELETE" && answer.Status is 404), $"{method} {path}: {answer}");
        return answer.Body;
    }

    /// <summary>What a list holds, over all its pages.</summary>
    internal async Task<IReadOnlyList<JsonElement>> List(string path, string property)
    {
        List<JsonElement> all = [];
        for (var next = path; next is not null;)
        {
            var page = await Do("GET", next);
            all.AddRange(page.GetProperty(property).EnumerateArray());
            next = page.TryGetProperty($"{property}_links", out var links)
                ? links.EnumerateArray().Where(static link => link.GetProperty("rel").GetString() == "next")
                    .Select(static link => new Uri(link.GetProperty("href").GetString()!).PathAndQuery).FirstOrDefault()
                : null;
        }
        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gateway in gateways)
            gateway.Dispose();
    }

    /// <summary>What came of it, and whether nobody listened, so surely nothing was done.</summary>
    private async Task<(ChaosAnswer Answer, bool Refused)> SendOnce(int gateway, string method, string path, HttpContent? content)
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
            return (new(status, status < 300 && text.Length > 0 ? JsonDocument.Parse(text).RootElement : default, text), false);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            Counts.AddOrUpdate(0, 1, static (_, count) => count + 1);
            var refused = failure is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
            return (new(null, default, $"{failure.Message} ({failure.InnerException?.Message})"), refused);
        }
    }
}
