using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fabric.Tests.Kit;

/// <summary>
/// A cluster as an operator has it: silos, gateways and a process that plays nodes, each a process of its own, and the PostgreSQL in which
/// they meet. Each can be killed, paused, stopped and started again, and comes back on the same ports and data. Where the machine allows it
/// and the test wants it, each has a place of its own on a network that can be cut, and a clock of its own.
/// </summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    private static int lastPort = 20_000 + (Environment.ProcessId % 600 * 20);

    private readonly ScratchFolder folder = new();

    private ProcessCluster(PrivatePostgres database) => Database = database;

    /// <summary>The server in which they meet, and which holds the records.</summary>
    internal PrivatePostgres Database { get; }

    /// <summary>How the tests reach the records.</summary>
    internal string Local { get; private set; } = "";

    internal IReadOnlyList<ClusterProcess> Silos { get; private set; } = [];

    internal IReadOnlyList<ClusterProcess> Gateways { get; private set; } = [];

    /// <summary>The process that plays the nodes.</summary>
    internal ClusterProcess Node { get; private set; } = null!;

    /// <summary>How many nodes it plays.</summary>
    internal int Nodes { get; private set; }

    internal IEnumerable<ClusterProcess> Members => [.. Silos, .. Gateways, Node];

    /// <summary>What all members have alike, first passwords among it.</summary>
    internal string Shared => folder.Path;

    /// <summary>The network between them; null when they meet on the loopback.</summary>
    internal ClusterNetwork? Network { get; private set; }

    /// <summary>Whether each has a clock of its own.</summary>
    internal bool HasClocks { get; private set; }

    /// <summary>Starts all of it, and waits until each is ready.</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="nodes">How many nodes the one process for them plays.</param>
    /// <param name="apart">Each on a network that can be cut and with a clock of its own, as far as the machine can.</param>
    internal static async Task<ProcessCluster> Start(int silos, int gateways, int nodes, bool apart = false)
    {
        var network = apart && ClusterNetwork.Lacks is null ? await ClusterNetwork.Start() : null;
        var cluster = new ProcessCluster(await PrivatePostgres.Start(network is null ? "127.0.0.1" : "*"))
        {
            Nodes = nodes,
            Network = network,
            HasClocks = apart && ClusterClock.Lacks is null,
        };
        try
        {
            cluster.Local = await cluster.Database.CreateDatabase();
            await cluster.Describe(silos, gateways);
            await cluster.Heal();
            return cluster;
        }
        catch (Exception)
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private async Task Describe(int silos, int gateways)
    {
        Silos = [.. await Task.WhenAll(Enumerable.Range(1, silos).Select(each => Member($"silo-{each}", FabricProcess.Program, 0,
            "--roles", "control", "--db", "postgres", "--driver", "simulated")))];
        Gateways = [.. await Task.WhenAll(Enumerable.Range(1, gateways).Select(each =>
            Member($"gateway-{each}", Beside("Fabric.Gateway.dll"), FreePort())))];
        Node = await Member("node", Beside("Fabric.NodeAgent.dll"), 0,
            "--driver", "simulated", "--nodes", $"{Nodes}", "--gateway", $"{Gateways[0].Url}");
    }

    /// <summary>Mends the network, starts what does not run and wakes up what is paused; returns when all are ready.</summary>
    internal async Task Heal()
    {
        if (Network is not null)
            await Network.Cut();
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
        if (Network is not null)
            await Network.DisposeAsync();
        folder.Dispose();
    }

    private async Task<ClusterProcess> Member(string name, string program, int port, params string[] more)
    {
        var (within, address) = (Array.Empty<string>(), IPAddress.Loopback);
        if (Network is not null)
        {
            (var space, address) = await Network.Join();
            within = ClusterNetwork.Inside(space);
        }
        var clock = HasClocks ? ClusterClock.Make(folder.File($"{name}.clock")) : null;
        var database = Network is null ? Local : $"{Local};Host={Network.Database}";
        return new()
        {
            Name = name,
            Program = program,
            Address = address,
            Port = port,
            Within = within,
            Clock = clock,
            Data = folder.File(Path.Combine("members", name)),
            Environment = new Dictionary<string, string>(clock?.Environment ?? new Dictionary<string, string>())
            {
                ["FABRIC_DB_CONNECTION"] = database,
            },
            Arguments =
            [
                "--shared", Shared, "--name", name, "--port", $"{port}", "--silo-port", $"{FreePort()}",
                "--listen", $"{address}", "--advertise", $"{address}", .. more,
            ],
        };
    }

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
internal sealed class ClusterProcess : IAsyncDisposable
{
    private readonly List<string> earlier = [];
    private FabricProcess? process;

    internal required string Name { get; init; }

    internal required string Program { get; init; }

    /// <summary>Where the others reach it.</summary>
    internal required IPAddress Address { get; init; }

    internal required int Port { get; init; }

    /// <summary>What goes before its command.</summary>
    internal required IReadOnlyList<string> Within { get; init; }

    /// <summary>Its clock; null when it has the machine's.</summary>
    internal required ClusterClock? Clock { get; init; }

    /// <summary>Its own directory.</summary>
    internal required string Data { get; init; }

    internal required IReadOnlyDictionary<string, string> Environment { get; init; }

    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Where a member with a port of its own is found, over all its lives.</summary>
    internal Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://{Address}:{Port}/"));

    /// <summary>True when it ended, and nobody asked it to.</summary>
    internal bool EndedByItself => process?.HasEnded == true;

    /// <summary>What it said in all its lives.</summary>
    internal string Log => string.Join("\n--- a new life\n", [.. earlier, process?.Log ?? ""]);

    /// <summary>Starts it when it does not run, wakes it up when it is paused; does not wait until it is ready.</summary>
    internal async Task Start()
    {
        if (process is null)
        {
            Directory.CreateDirectory(Data);
            process = FabricProcess.Launch(Program, Environment, ["--data", Data, .. Arguments], Within);
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
        Assert.False(EndedByItself, $"{Name} ended by itself: {Log}");
        await process!.Kill();
        await Bury();
    }

    /// <summary>SIGTERM; it must end well.</summary>
    internal async Task Stop()
    {
        Assert.False(EndedByItself, $"{Name} ended by itself: {Log}");
        var code = await process!.Stop();
        Assert.True(code == 0, $"{Name} ended with {code}: {Log}");
        await Bury();
    }

    /// <summary>SIGSTOP.</summary>
    internal Task Pause() => process!.Pause();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await Bury();
    }

    private async Task Bury()
    {
        var pid = process!.Pid;
        earlier.Add(process.Log);
        await process.DisposeAsync();
        process = null;
        if (Clock is not null)
            ClusterClock.CleanUpAfter(pid);
    }
}
