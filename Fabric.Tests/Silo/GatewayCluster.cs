using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Silo;

/// <summary>A silo and gateways before it, each a process of its own.</summary>
internal sealed class GatewayCluster : IAsyncDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly List<FabricProcess> processes = [];
    private readonly List<HttpClient> clients = [];
    private readonly Dictionary<string, string> environment;

    private GatewayCluster(string connection, IReadOnlyDictionary<string, string> settings) =>
        environment = new(settings) { ["FABRIC_DB_CONNECTION"] = connection };

    /// <summary>What all have alike.</summary>
    internal string Shared => folder.File("shared");

    /// <summary>Starts the silo.</summary>
    /// <param name="settings">What all processes are told by their environment.</param>
    /// <param name="database">How to reach the database; one on the server that tests share when null.</param>
    internal static async Task<GatewayCluster> Start(IReadOnlyDictionary<string, string>? settings = null, string? database = null)
    {
        var cluster = new GatewayCluster(database ?? await PrivatePostgres.Database(), settings ?? new Dictionary<string, string>());
        string[] told =
        [
            "--shared", cluster.Shared, "--name", "silo", "--roles", "control", "--db", "postgres", "--silo-port", $"{FreePort()}",
        ];
        cluster.processes.Add(await FabricProcess.Start(cluster.folder.File("silo"), cluster.environment, told));
        return cluster;
    }

    /// <summary>Starts a gateway, or starts it again on the ports it had.</summary>
    internal async Task<FabricProcess> Gateway(string name, int port, params IEnumerable<string> options)
    {
        string[] told = [.. options];
        string[] shared = told.Contains("--shared") ? [] : ["--shared", Shared];
        var gateway = await FabricProcess.StartGateway(folder.File(name), environment,
            ["--name", name, "--port", port.ToString(CultureInfo.InvariantCulture), "--silo-port", $"{FreePort()}", .. shared, .. told]);
        processes.Add(gateway);
        return gateway;
    }

    /// <summary>A directory with the same secrets, and no images.</summary>
    internal string SharedWithoutImages()
    {
        var copy = folder.File("elsewhere");
        foreach (var file in Directory.EnumerateFiles(Shared, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(Shared, file);
            if (relative.StartsWith("image-store", StringComparison.Ordinal))
                continue;
            var target = Path.Combine(copy, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    /// <summary>A client of one of the processes that nobody knows.</summary>
    internal HttpClient Http(FabricProcess process)
    {
        var client = new HttpClient { BaseAddress = process.Address };
        clients.Add(client);
        return client;
    }

    /// <summary>A client with a token of admin's.</summary>
    internal async Task<HttpClient> Admin(FabricProcess process)
    {
        var client = Http(process);
        var password = (await File.ReadAllTextAsync(Path.Combine(Shared, "admin-password"))).Trim();
        using var answer = await client.PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new
            {
                identity = new
                {
                    methods = new[] { "password" },
                    password = new { user = new { name = "admin", password, domain = new { id = "default" } } },
                },
                scope = new { project = new { name = "admin", domain = new { id = "default" } } },
            },
        });
        Assert.True(answer.IsSuccessStatusCode, $"admin got no token: {answer.StatusCode}");
        client.DefaultRequestHeaders.Add("X-Auth-Token", answer.Headers.GetValues("X-Subject-Token").Single());
        return client;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        clients.ForEach(static client => client.Dispose());
        foreach (var process in processes)
            await process.DisposeAsync();
        folder.Dispose();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
