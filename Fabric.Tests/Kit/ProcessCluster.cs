using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fabric.Tests.Kit;

/// <summary>
/// A cluster as an operator has it: silos, gateways and a process that plays nodes, each a process of its own, and the PostgreSQL in which
/// they meet. Each can be killed, paused, stopped and started again, and comes back on the same ports and data.
/// </summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    private static int lastPort = 20_000 + (Environment.ProcessId % 600 * 20);

    private readonly ScratchFolder folder = new();

    private ProcessCluster(PrivatePostgres database) => Database = database;

    /// <summary>The server in which they meet, and which holds the records.</summary>
    internal PrivatePostgres Database { get; }

    /// <summary>How to reach the records.</summary>
    internal string Connection { get; private set; } = "";

    internal IReadOnlyList<ClusterProcess> Silos { get; private set; } = [];

    internal IReadOnlyList<ClusterProcess> Gateways { get; private set; } = [];

    /// <summary>The process that plays the nodes.</summary>
    internal ClusterProcess Node { get; private set; } = null!;

    /// <summary>How many nodes it plays.</summary>
    internal int Nodes { get; private set; }

    internal IEnumerable<ClusterProcess> Members => [.. Silos, .. Gateways, Node];

    /// <summary>What all members have alike, first passwords among it.</summary>
    internal string Shared => folder.Path;

    /// <summary>Starts all of it, and waits until each is ready.</summary>
    internal static async Task<ProcessCluster> Start(int silos, int gateways, int nodes)
    {
        var cluster = new ProcessCluster(await PrivatePostgres.Start()) { Nodes = nodes };
        try
        {
            cluster.Connection = await cluster.Database.CreateDatabase();
            cluster.Silos = [.. Enumerable.Range(1, silos).Select(each => cluster.Member($"silo-{each}", FabricProcess.Program, 0,
                "--roles", "control", "--db", "postgres", "--driver", "simulated"))];
            cluster.Gateways = [.. Enumerable.Range(1, gateways).Select(each =>
                cluster.Member($"gateway-{each}", Beside("Fabric.Gateway.dll"), FreePort()))];
            cluster.Node = cluster.Member("node", Beside("Fabric.NodeAgent.dll"), 0,
                "--driver", "simulated", "--nodes", $"{nodes}", "--gateway", $"{cluster.Gateways[0].Address}");
            await cluster.Heal();
            return cluster;
        }
        catch (Exception)
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts what does not run and wakes up what is paused; returns when all are ready.</summary>
    internal async Task Heal()
    {
        foreach (var member in Members)
            await member.Start();
        foreach (var member in Members)
            await member.Ready();
    }

    /// <summary>What each has said, a file for each.</summary>
    internal async Task KeepLogs(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var member in Members)
            await File.WriteAllTextAsync(Path.Combine(directory, $"{member.Name}.log"), member.Log);
        await File.WriteAllTextAsync(Path.Combine(directory, "postgres.log"), Database.Log);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members.Where(static member => member is not null))
            await member.DisposeAsync();
        await Database.DisposeAsync();
        folder.Dispose();
    }

    private ClusterProcess Member(string name, string program, int port, params string[] more) => new(
        name,
        program,
        port,
        folder.File(Path.Combine("members", name)),
        new Dictionary<string, string> { ["FABRIC_DB_CONNECTION"] = Connection },
        [
            "--shared", Shared, "--name", name, "--port", $"{port}", "--silo-port", $"{FreePort()}", .. more,
        ]);

    private static string Beside(string dll) => Path.Combine(AppContext.BaseDirectory, dll);

    /// <summary>A port below those that the kernel gives to whoever asks for any: nobody takes it while its process is away.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref lastPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}

/// <summary>One member of a cluster, over all its lives.</summary>
internal sealed class ClusterProcess(string name, string program, int port, string data, IReadOnlyDictionary<string, string> environment,
    IReadOnlyList<string> arguments) : IAsyncDisposable
{
    private readonly List<string> earlier = [];
    private FabricProcess? process;

    internal string Name => name;

    /// <summary>Its own directory.</summary>
    internal string Data => data;

    /// <summary>Where a member with a port of its own is found, over all its lives.</summary>
    internal Uri Address { get; } = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));

    /// <summary>True when it ended, and nobody asked it to.</summary>
    internal bool EndedByItself => process?.HasEnded == true;

    /// <summary>What it said in all its lives.</summary>
    internal string Log => string.Join("\n--- a new life\n", [.. earlier, process?.Log ?? ""]);

    /// <summary>Starts it when it does not run, wakes it up when it is paused; does not wait until it is ready.</summary>
    internal async Task Start()
    {
        if (process is null)
        {
            Directory.CreateDirectory(data);
            process = FabricProcess.Launch(program, environment, ["--data", data, .. arguments]);
        }
        else
        {
            await process.Resume();
        }
    }

    /// <summary>Waits until it is ready.</summary>
    internal Task Ready() => process!.Ready();

    /// <summary>kill -9.</summary>
    internal async Task Kill()
    {
        Assert.False(EndedByItself, $"{name} ended by itself: {Log}");
        await process!.Kill();
        await Bury();
    }

    /// <summary>SIGTERM; it must end well.</summary>
    internal async Task Stop()
    {
        Assert.False(EndedByItself, $"{name} ended by itself: {Log}");
        var code = await process!.Stop();
        Assert.True(code == 0, $"{name} ended with {code}: {Log}");
        await Bury();
    }

    /// <summary>SIGSTOP.</summary>
    internal Task Pause() => process!.Pause();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    private async Task Bury()
    {
        earlier.Add(process!.Log);
        await process.DisposeAsync();
        process = null;
    }
}
