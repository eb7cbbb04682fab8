using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Grains.Storage.Sqlite;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Silo;

/// <summary>A cloud in a process of its own, which is killed and started again on the same data; and an administrator who uses
/// it.</summary>
internal sealed class KillCloud : IAsyncDisposable
{
    /// <summary>Long: the machine may be busy, and what was killed in the middle of a call waits out the call's own limit.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly ScratchFolder folder = new();
    private readonly string[] arguments;
    private FabricProcess? process;
    private HttpClient http = new();
    private string token = "";

    private KillCloud(string[] arguments) => this.arguments = arguments;

    internal string Data => folder.Path;

    internal string Project { get; private set; } = "";

    internal string Image { get; private set; } = "";

    internal string Network { get; private set; } = "";

    /// <summary>Starts it, with an image, a flavour and a network for guests, and room for many of them.</summary>
    internal static async Task<KillCloud> Start(byte[] image, params string[] arguments)
    {
        var cloud = new KillCloud(arguments);
        try
        {
            await cloud.Restart();
            await cloud.LogIn();
            await cloud.Furnish(image);
            return cloud;
        }
        catch (Exception)
        {
            await cloud.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9, in the middle of whatever it does.</summary>
    internal async Task Kill()
    {
        await process!.Kill();
        await End();
    }

    /// <summary>SIGTERM; must end well.</summary>
    internal async Task Stop()
    {
        var code = await process!.Stop();
        Assert.True(code == 0, $"It ended with {code}: {process.Log}");
        await End();
    }

    /// <summary>Starts it on what it left.</summary>
    internal async Task Restart()
    {
        process = await FabricProcess.Start(Data, arguments);
        http.Dispose();
        http = new() { BaseAddress = process.Address };
        http.DefaultRequestHeaders.Add("X-Auth-Token", token);
    }

    /// <summary>Sends a request; null when the process died before it had answered.</summary>
    internal async Task<HttpResponseMessage?> TrySend(string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : JsonContent.Create(body) };
        // The last one in which a hypervisor tells how many guests it runs.
        request.Headers.Add("OpenStack-API-Version", ["compute 2.87", "placement 1.36"]);
        try
        {
            return await http.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Sends a request and checks the status.</summary>
    internal async Task<JsonElement> Do(int status, string method, string path, object? body = null) =>
        await (await TrySend(method, path, body) ?? throw new InvalidOperationException($"Died at {method} {path}: {process?.Log}"))
            .Json(status);

    /// <summary>The body that asks for a server on the network.</summary>
    internal object NewServer(string name, string note) => new
    {
        server = new
        {
            name, imageRef = Image, flavorRef = "tiny", networks = new[] { new { uuid = Network } }, metadata = new { note },
        },
    };

    /// <summary>All servers, in detail.</summary>
    internal async Task<IReadOnlyList<JsonElement>> Servers() =>
        [.. (await Do(200, "GET", "/compute/v2.1/servers/detail")).GetProperty("servers").EnumerateArray()];

    /// <summary>Waits until no server is on its way anywhere.</summary>
    internal async Task Rest()
    {
        var restless = "";
        await Eventually.True(
            async () =>
            {
                restless = string.Join('\n', (await Servers()).Where(server => !Rests(server)));
                return restless.Length == 0;
            },
            () => $"all servers are ACTIVE or ERROR: {restless}\n{process?.Log}",
            Patience);
    }

    /// <summary>Waits until the server is gone.</summary>
    internal Task Gone(string id) => Eventually.True(
        async () =>
        {
            using var answer = await TrySend("GET", $"/compute/v2.1/servers/{id}");
            return answer?.StatusCode == HttpStatusCode.NotFound;
        },
        () => $"server {id} is gone: {process?.Log}",
        Patience);

    /// <summary>Waits until there is no server.</summary>
    internal Task NoServers() => Eventually.True(async () => (await Servers()).Count == 0, "all servers are gone", Patience);

    /// <summary>Waits until nothing that a server used is there any more: no port, no allocation, no saga that would still
    /// change something.</summary>
    internal async Task NothingIsHeld()
    {
        var held = "";
        await Eventually.True(
            async () => (held = await Held()).Length == 0, () =>
                $"nothing is held by servers that are gone: {held}\n{process?.Log}", Patience);
    }

    /// <summary>How many records of a kind there are, whether the process runs or not.</summary>
    internal long Records(string kind)
    {
        using var session = new SqliteSession(Path.Combine(Data, "fabric.db"), readOnly: true);
        using var count = session.Statement("SELECT count(*) FROM resource WHERE kind = ?").Bind(1, kind);
        return count.Step() ? count.Int64(0) : 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await End();
        http.Dispose();
        folder.Dispose();
    }

    private async Task End()
    {
        if (process is not null)
            await process.DisposeAsync();
        process = null;
    }

    private static bool Rests(JsonElement server) => server.GetProperty("status").GetString() is "ACTIVE" or "ERROR"
        && server.GetProperty("OS-EXT-STS:task_state").ValueKind == JsonValueKind.Null;

    private async Task<string> Held()
    {
        var ports = (await Do(200, "GET", "/networking/v2.0/ports")).GetProperty("ports").EnumerateArray()
            .Where(port => port.GetProperty("device_owner").GetString()!.StartsWith("compute:", StringComparison.Ordinal));
        var usages = (await Do(200, "GET", $"/placement/usages?project_id={Project}")).GetProperty("usages").EnumerateObject()
            .Where(usage => usage.Value.GetInt64() != 0);
        var hosts = (await Do(200, "GET", "/compute/v2.1/os-hypervisors/detail")).GetProperty("hypervisors").EnumerateArray()
            .Where(host => host.GetProperty("running_vms").GetInt32() != 0);
        var sagas = Records("saga");
        return string.Join('\n', [
            .. ports.Select(port => $"{port}"), .. usages.Select(usage => $"{usage}"), .. hosts.Select(host => $"{host}"),
            .. sagas == 0 ? (string[])[] : [$"{sagas} sagas"],
        ]);
    }

    private async Task LogIn()
    {
        var password = (await File.ReadAllTextAsync(Path.Combine(Data, "admin-password"))).Trim();
        var domain = new { id = "default" };
        using var answer = await http.PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = new { user = new { name = "admin", password, domain } } },
                scope = new { project = new { name = "admin", domain } },
            },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        token = answer.Headers.GetValues("X-Subject-Token").Single();
        http.DefaultRequestHeaders.Remove("X-Auth-Token");
        http.DefaultRequestHeaders.Add("X-Auth-Token", token);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Project = body.GetProperty("token").GetProperty("project").GetProperty("id").GetString()!;
    }

    private async Task Furnish(byte[] image)
    {
        var tiny = new { name = "tiny", disk_format = "raw", container_format = "bare" };
        Image = (await Do(201, "POST", "/image/v2/images", tiny)).GetProperty("id").GetString()!;
        using var bytes = new ByteArrayContent(image);
        bytes.Headers.ContentType = new("application/octet-stream");
        using var uploaded = await http.PutAsync($"/image/v2/images/{Image}/file", bytes);
        uploaded.EnsureSuccessStatusCode();
        var flavor = new { name = "tiny", id = "tiny", ram = 64, vcpus = 1, disk = 1 };
        await Do(200, "POST", "/compute/v2.1/flavors", new { flavor });
        var quota = new { instances = 200, cores = 200, ram = 200_000 };
        await Do(200, "PUT", $"/compute/v2.1/os-quota-sets/{Project}", new { quota_set = quota });
        var network = await Do(201, "POST", "/networking/v2.0/networks", new { network = new { name = "private" } });
        Network = network.GetProperty("network").GetProperty("id").GetString()!;
        var subnet = new { network_id = Network, ip_version = 4, cidr = "10.30.0.0/22" };
        await Do(201, "POST", "/networking/v2.0/subnets", new { subnet });
    }
}
