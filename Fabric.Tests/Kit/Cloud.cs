using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Grains.Identity;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Fabric.Hosting;
using Fabric.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Kit;

/// <summary>
/// A whole cloud in this process: the real silo with its gateway, database and grains on a free port of the loopback, and nodes that are
/// played. A test sends what a client sends.
/// </summary>
internal sealed class Cloud : IAsyncDisposable
{
    private readonly List<HttpClient> clients = [];
    private readonly Action<IServiceCollection>? configure;
    private RunOptions options;
    private ProcessRun host = null!;

    private Cloud(RunOptions options, Action<IServiceCollection>? configure)
    {
        this.options = options;
        this.configure = configure;
        Sagas = new(this);
    }

    /// <summary>Where it listens; stays the same over a restart.</summary>
    public Uri Address => host.Address;

    /// <summary>All that is in the silo.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Its grains.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>Its records.</summary>
    public IResourceIndex Index => Services.GetRequiredService<IResourceIndex>();

    /// <summary>Its sagas, to be failed, repeated and interrupted.</summary>
    public SagaTrials Sagas { get; }

    /// <summary>Its data directory.</summary>
    public string DataDir => options.DataDir;

    /// <summary>Starts a cloud, and waits until it is ready.</summary>
    /// <param name="nodes">How many nodes are played.</param>
    /// <param name="configure">Changes what is registered, e.g. the clock.</param>
    /// <param name="postgres">The PostgreSQL database to run on; null for SQLite, or, with <c>FABRIC_TEST_DB=postgres</c>, for one of
    /// its own: so every test of an API can be tried on both.</param>
    public static async Task<Cloud> Start(int nodes = 1, Action<IServiceCollection>? configure = null, string? postgres = null)
    {
        if (Environment.GetEnvironmentVariable("FABRIC_TEST_DB") == "postgres")
            postgres ??= await PrivatePostgres.Database();
        var options = new RunOptions
        {
            DataDir = Directory.CreateTempSubdirectory("fabric-cloud-").FullName,
            Port = 0,
            Driver = "simulated",
            Nodes = nodes,
            Db = postgres is null ? "sqlite" : "postgres",
            DbConnection = postgres ?? "",
        };
        var cloud = new Cloud(options, configure);
        await cloud.Open();
        return cloud;
    }

    /// <summary>A client that nobody knows. Follows no redirects: a test sees what was answered.</summary>
    public HttpClient Http()
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
        clients.Add(client);
        return client;
    }

    /// <summary>A client with a token of the user, scoped to the project. <c>admin</c> and <c>demo</c> are there from the start.</summary>
    public async Task<HttpClient> Http(string user, string? project = null, string? password = null)
    {
        var client = Http();
        password ??= (await File.ReadAllTextAsync(Path.Combine(DataDir, $"{user}-password"))).Trim();
        var who = new { user = new { name = user, password, domain = new { id = "default" } } };
        using var answer = await client.PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = who },
                scope = new { project = new { name = project ?? user, domain = new { id = "default" } } },
            },
        });
        Assert.True(answer.IsSuccessStatusCode, $"{user} got no token: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        client.DefaultRequestHeaders.Add("X-Auth-Token", answer.Headers.GetValues("X-Subject-Token").Single());
        return client;
    }

    /// <summary>Stops in order and starts again on the same data.</summary>
    public async Task Restart()
    {
        await Close();
        await Open();
    }

    /// <summary>Ends as a kill -9 would, as far as one process can play that: nothing more becomes durable, nobody is told. Then starts
    /// again.</summary>
    public async Task Crash()
    {
        await Services.GetRequiredService<IRecordDatabase>().Abandon();
        await Close();
        await Open();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        clients.ForEach(static client => client.Dispose());
        await Close();
        Directory.Delete(DataDir, recursive: true);
    }

    private async Task Open()
    {
        host = await FabricHost.Start(options, default, services =>
        {
            // A slow hash is what makes passwords safe, and tests slow.
            services.Configure<IdentityOptions>(static identity => identity.PasswordRounds = 1_000);
            services.Replace(ServiceDescriptor.Singleton<SagaStepHook>(Sagas.Hook));
            // The cost of a password is identity's own concern; elsewhere it only makes logins slow.
            services.Configure<Grains.Identity.IdentityOptions>(static identity => identity.PasswordRounds = 1000);
            services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Error));
            configure?.Invoke(services);
        });
        // The port was free to choose at the first start; clients keep it over a restart.
        options = options with { Port = Address.Port };
        using var client = new HttpClient { BaseAddress = Address };
        await Eventually.True(async () => await client.GetStringOf("/readyz") == "ready\n", "the cloud is ready");
    }

    private async Task Close()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await host.Stop(soon.Token);
        await host.DisposeAsync();
    }
}

/// <summary>Short forms for tests of an API.</summary>
internal static class HttpExtensions
{
    /// <summary>The body, whatever the status.</summary>
    public static async Task<string> GetStringOf(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>The body as JSON, after checking the status.</summary>
    public static async Task<JsonElement> Json(this HttpResponseMessage answer, int status)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}, not {status}: {body}");
            return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
        }
    }
}
