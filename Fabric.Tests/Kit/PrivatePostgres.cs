using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Fabric.Tests.Kit;

/// <summary>
/// A PostgreSQL server of the tests' own, with its fsyncs on: in a temporary folder, on a free port, under an account that is not root's.
/// Most tests share one (<see cref="Database"/>); one that harms its server starts its own. A shell stands between the tests and the
/// server: it ends the server when the tests are gone, however they ended.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string User = "fabric";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(3);
    private static readonly Lazy<Task<PrivatePostgres>> TheShared = new(() => Start());
    private static int databases;

    private readonly ScratchFolder folder = new();
    private readonly string password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
    private readonly string listen;
    private Process? keeper;
    private int pid;

    private PrivatePostgres(string listen)
    {
        this.listen = listen;
        Port = FreePort();
    }

    /// <summary>The port, the same over a restart.</summary>
    public int Port { get; }

    /// <summary>What it said.</summary>
    public string Log => File.ReadAllText(folder.File("log"));

    /// <summary>How to reach a database of this server over the loopback.</summary>
    /// <param name="database">The database.</param>
    /// <param name="host">Another of its addresses.</param>
    public string Connection(string database = "postgres", string host = "127.0.0.1") => new NpgsqlConnectionStringBuilder
    {
        Host = host,
        Port = Port,
        Username = User,
        Password = password,
        Database = database,
    }.ConnectionString;

    /// <summary>An empty database on the server that all tests of this run share; how to reach it.</summary>
    /// <param name="overSocket">Over its unix socket, rather than the loopback.</param>
    public static async Task<string> Database(bool overSocket = false)
    {
        Machine.NeedsPostgres();
        var server = await TheShared.Value;
        var connection = await server.CreateDatabase();
        return overSocket ? $"{connection};Host={server.folder.Path}" : connection;
    }

    /// <summary>Starts a server for one test: to be killed, stopped, frozen.</summary>
    /// <param name="listen">The addresses to listen on; <c>*</c> for tests that come from other network namespaces.</param>
    public static async Task<PrivatePostgres> Start(string listen = "127.0.0.1")
    {
        Machine.NeedsPostgres();
        var server = new PrivatePostgres(listen);
        await server.Prepare();
        await server.Restart();
        return server;
    }

    /// <summary>An empty database on this server; how to reach it.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref databases)}");
        await using var source = NpgsqlDataSource.Create(Connection());
        // The server's own default sorts as a language does: whatever must sort by bytes has to say so itself.
        await using var create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return Connection(name);
    }

    /// <summary>kill -9 of the whole server, in the middle of whatever it does.</summary>
    public async Task Kill()
    {
        // The postmaster first, and stopped: it would otherwise take the death of one of its processes for a reason to end the others.
        Signal("STOP", pid);
        int[] all = [pid, .. Children(pid)];
        foreach (var one in all)
            Signal("KILL", one);
        await Eventually.True(() => all.All(static one => !IsAlive(one)), "PostgreSQL is dead");
        await EndKeeper();
    }

    /// <summary>SIGSTOP to every process of it: it is there, and answers nothing.</summary>
    public void Freeze() => Everyone("STOP");

    /// <summary>Ends <see cref="Freeze"/>.</summary>
    public void Thaw() => Everyone("CONT");

    /// <summary>Stops it as an administrator does who does not wait for clients; what is committed is safe.</summary>
    public async Task Stop()
    {
        if (keeper is null)
            return;
        Thaw();
        Signal("INT", pid);
        await Eventually.True(
            () => Task.FromResult(!IsAlive(pid)), () => $"PostgreSQL has stopped; its log: {Log}", ReadyWithin);
        await EndKeeper();
    }

    /// <summary>Starts it again on the same port and data; returns when it answers.</summary>
    public async Task Restart()
    {
        var settings = $"-D {folder.File("data")} -k {folder.Path} -p {Port} -c listen_addresses='{listen}' -c max_connections=200 "
            + "-c shared_buffers=64MB -c fsync=on -c synchronous_commit=on -c logging_collector=off";
        var script = $"{Programs}/postgres {settings} >>{folder.File("log")} 2>&1 </dev/null & echo $!; "
            + "read -r _; kill -INT $! 2>/dev/null; kill -CONT $! 2>/dev/null; wait $!";
        keeper = Process.Start(AsServer(script))!;
        pid = int.Parse((await keeper.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await using var source = NpgsqlDataSource.Create(Connection() + ";Pooling=false;Timeout=5");
        await Eventually.True(
            async () => await Answers(source), () => $"PostgreSQL answers; its log: {Log}", ReadyWithin);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stop();
        folder.Dispose();
    }

    private async Task Prepare()
    {
        await File.WriteAllTextAsync(folder.File("password"), password);
        await File.WriteAllTextAsync(folder.File("log"), "");
        if (Environment.IsPrivilegedProcess)
            (await Command.Run("chown", "-R", "postgres:", folder.Path)).Succeeded();
        var script = $"{Programs}/initdb -D {folder.File("data")} -U {User} --auth=scram-sha-256 --pwfile={folder.File("password")} "
            + "-E UTF8 --locale=C.UTF-8 && echo 'host all all all scram-sha-256' >>" + folder.File("data/pg_hba.conf");
        using var made = Process.Start(AsServer(script + " 2>&1"))!;
        var said = await made.StandardOutput.ReadToEndAsync();
        await made.WaitForExitAsync();
        Assert.True(made.ExitCode == 0, $"initdb: {said}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave();
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static ProcessStartInfo AsServer(string script)
    {
        string[] user = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
            : [];
        string[] all = [.. user, "bash", "-c", script];
        return new(all[0], all[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
    }

    private static async Task<bool> Answers(NpgsqlDataSource source)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task EndKeeper()
    {
        keeper!.StandardInput.Close();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        keeper = null;
    }

    /// <summary>The tests end: the keeper ends the server; nobody waits for it.</summary>
    private void Leave()
    {
        if (keeper is null)
            return;
        Everyone("KILL");
        keeper.StandardInput.Close();
        keeper.WaitForExit();
        folder.Dispose();
    }

    private void Everyone(string signal)
    {
        foreach (var one in (int[])[pid, .. Children(pid)])
            Signal(signal, one);
    }

    /// <summary>A signal to one process of a server.</summary>
    internal static void Signal(string signal, int target)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{target}"]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    private static bool IsAlive(int target) => Stat(target) is { } stat && stat[0] != "Z";

    private static IEnumerable<int> Children(int parent) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(folder)
        where char.IsAsciiDigit(name[0])
        let child = int.Parse(name, CultureInfo.InvariantCulture)
        where Stat(child) is { } stat && stat[1] == $"{parent}"
        select child;

    /// <summary>State and parent of a process; null when it is gone.</summary>
    private static string[]? Stat(int target)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{target}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
