using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Storage;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>Silos and a client that know of each other only through PostgreSQL, set up as any application would.</summary>
public sealed class AdoNetClusteringTests
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Probe _probe = new();
    private readonly MemoryGrainStorage _storage = new();

    [SkippableFact]
    public async Task Silos_and_a_client_meet_in_the_database_and_a_frozen_database_kills_nobody()
    {
        await using var server = await PrivatePostgres.Start();
        var database = await server.CreateDatabase();
        using var first = await Silo(database);
        using var second = await Silo(database);
        using var client = await Client(database);
        var runtimes = new[] { first, second }.Select(host => host.Services.GetRequiredService<SiloRuntime>()).ToArray();
        await Eventually.True(() => runtimes.All(each => each.Membership.Current.Active.Length == 2), "both see both");
        var grains = client.Services.GetRequiredService<IClusterClient>();
        await Eventually.True(async () => (await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            grains.GetGrain<IClusterGrain>($"{number}").Silo()))).Distinct().Count() == 2, "grains live on both");

        server.Freeze();
        try
        {
            await Eventually.True(() => runtimes.All(each => !each.Lease.IsHeld), "the leases have run out");
            Assert.Equal(2, (await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
                grains.GetGrain<IClusterGrain>($"{number}").Silo()))).Distinct().Count());
        }
        finally
        {
            // A frozen server cannot be stopped, and that would be all the test says.
            server.Thaw();
        }

        await Eventually.True(() => runtimes.All(each => each.Lease.IsHeld), "the leases are renewed");
        Assert.All(runtimes, each => Assert.Equal(0, each.Epoch));
        Assert.Equal(1, await grains.GetGrain<IClusterGrain>("0").Add());

        await first.StopAsync();
        Assert.Equal(2, await grains.GetGrain<IClusterGrain>("0").Add());
        Assert.Equal(runtimes[1].Address.ToString(), await grains.GetGrain<IClusterGrain>("0").Silo());
        await client.StopAsync();
        await second.StopAsync();
    }

    [SkippableFact]
    public async Task A_silo_joins_and_tells_the_time_though_its_clock_was_ahead_in_an_earlier_life()
    {
        var database = await PrivatePostgres.Database();
        var port = FreePort();
        await using var source = NpgsqlDataSource.Create(database);
        var store = new PostgresMembershipStore(source, "default");
        await store.Initialize(default);
        var earlier = SiloAddress.New(IPAddress.Loopback, port, SiloAddress.AllocateNewGeneration() + 10_000);
        await store.Join(new(earlier, SiloStatus.Joining, new(), "earlier"), new(TimeSpan.FromMinutes(10), TimeSpan.Zero), default);

        using var silo = await Silo(database, port);
        var now = silo.Services.GetRequiredService<SiloRuntime>().Address;
        Assert.True(now.IsSuccessorOf(earlier), $"{now} follows on {earlier}");
        var time = Assert.IsType<ClusterTime>(silo.Services.GetRequiredService<TimeProvider>());
        await using var ask = source.CreateCommand("SELECT clock_timestamp()");
        var before = (DateTime)(await ask.ExecuteScalarAsync())!;
        // An answer of the database teaches its time with half of its own length as the error.
        Assert.InRange(time.GetUtcNow(), before - TimeSpan.FromSeconds(2), before + TimeSpan.FromMinutes(1));
        await silo.StopAsync();
    }

    [Fact]
    public void Clustering_without_a_key_is_refused()
    {
        var builder = Builder();
        builder.UseOrleans(silo => silo.UseAdoNetClustering(options =>
            (options.Invariant, options.ConnectionString) = ("Npgsql", "Host=nowhere")));
        using var host = builder.Build();
        Assert.Throws<OrleansConfigurationException>(() => host.Services.GetRequiredService<SiloRuntime>());
    }

    private HostApplicationBuilder Builder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(_probe);
        builder.Services.AddSingleton<IGrainStorage>(_storage);
        return builder;
    }

    private async Task<IHost> Silo(string database, int? port = null)
    {
        var builder = Builder();
        builder.UseOrleans(silo => silo
            .UseClusterKey(_key)
            .ConfigureEndpoints(IPAddress.Loopback, port ?? FreePort(), 0)
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", database)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private async Task<IHost> Client(string database)
    {
        var builder = Builder();
        builder.UseOrleansClient(client => client
            .UseClusterKey(_key)
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", database)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
