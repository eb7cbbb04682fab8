using System.Diagnostics;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>
/// The way to the server, and what happens when it is gone: a question is asked again on a new connection until <see cref="Patience"/> is
/// over, so that a restart of the server is a pause; then it fails with <see cref="Fault.Unavailable"/>, so that an outage is an answer.
/// </summary>
internal sealed partial class PostgresConnections : IAsyncDisposable
{
    /// <summary>Longer than a server takes to restart, shorter than clients wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int ConnectSeconds = 3;

    /// <summary>A server that is there but does not answer (frozen, its network cut) is taken for gone after so long. Npgsql's own limit is
    /// not used, nor its cancellation: both ask the server to give up and wait for it to say that it heard.</summary>
    public static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(8);

    /// <summary>Enough for all that two or four cores can ask at once; a hundred is what a server allows to all of its clients.</summary>
    private const int MostReaders = 16;

    // Plans: an index is always better than reading a table of documents, whatever the statistics say of a table that was small when they
    // were taken. The rest is what durability and the etags rely on, whatever the server's own defaults are, and that what a host leaves
    // which dies or is cut off, locks and connections, is not kept for hours.
    private const string Session = "-c enable_seqscan=off -c random_page_cost=1.1 -c jit=off -c synchronous_commit=on "
        + "-c default_transaction_isolation=read\\ committed -c lock_timeout=5s -c statement_timeout=7s "
        + "-c idle_in_transaction_session_timeout=7s -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
        + "-c tcp_user_timeout=10s";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly string where;
    private readonly NpgsqlDataSource writers;
    private volatile NpgsqlDataSource readers;
    private readonly ILogger logger;
    private volatile bool closed;

    /// <summary>Says where the server is; nothing is opened yet.</summary>
    public PostgresConnections(string connectionString, ILoggerFactory loggers)
    {
        logger = loggers.CreateLogger<PostgresConnections>();
        where = connectionString;
        readers = Readers();
        writers = Source(connectionString, static settings => settings.Pooling = false);
    }

    /// <summary>Runs a question on a connection of the pool. It may run more than once.</summary>
    public ValueTask<T> Read<T>(Func<NpgsqlConnection, Task<T>> question, CancellationToken ct) => Read(question, AnswersWithin, ct);

    /// <summary>The same for what may take its time.</summary>
    public async ValueTask<T> Read<T>(Func<NpgsqlConnection, Task<T>> question, TimeSpan within, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = NextPause(pause))
        {
            ObjectDisposedException.ThrowIf(closed, this);
            try
            {
                return await Ask(question, within, ct);
            }
            catch (NpgsqlException failure) when (IsOutage(failure))
            {
                if (Stopwatch.GetElapsedTime(began) + pause > Patience)
                    throw Gone(failure);
            }

            await Task.Delay(pause, ct);
        }
    }

    /// <summary>Runs a change that is not worth a place in a batch of writes, once: when it fails, nobody knows whether it was
    /// done.</summary>
    public async Task<T> Change<T>(Func<NpgsqlConnection, Task<T>> change, CancellationToken ct)
    {
        // The pool may hold connections to a server that was restarted; a question finds them out.
        await Read(static connection => connection.Run("SELECT 1", []), ct);
        try
        {
            return await Ask(change, AnswersWithin, ct);
        }
        catch (NpgsqlException failure) when (IsOutage(failure))
        {
            throw Gone(failure);
        }
    }

    /// <summary>Opens a connection for one writer, which keeps it.</summary>
    public async Task<NpgsqlConnection> OpenWriter() => await writers.OpenConnectionAsync();

    /// <summary>What happens to a connection whose answer nobody waits for any more: it stays open until the answer comes, if it
    /// does.</summary>
    public static async Task LetGo(Task answer, IAsyncDisposable connection)
    {
        await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync();
    }

    /// <summary>True when the server is not there, or can't serve now; a new connection later may do better.</summary>
    public static bool IsOutage(NpgsqlException failure) => failure switch
    {
        PostgresException said => said.SqlState is ['5', '3', ..] or ['5', '7', ..] or ['0', '8', ..] or ['4', '0', ..]
            or ['2', '5', ..] or PostgresErrorCodes.LockNotAvailable,
        _ => true,
    };

    /// <summary>What a caller hears.</summary>
    public Fault Gone(Exception failure)
    {
        LogGone(failure);
        return Fault.Unavailable("The database does not answer; try again later.");
    }

    /// <summary>The next, longer pause between two attempts.</summary>
    public static TimeSpan NextPause(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        closed = true;
        await readers.DisposeAsync();
        await writers.DisposeAsync();
    }

    private async Task<T> Ask<T>(Func<NpgsqlConnection, Task<T>> question, TimeSpan within, CancellationToken ct)
    {
        var source = readers;
        try
        {
            var connection = await source.OpenConnectionAsync(CancellationToken.None);
            var answer = question(connection);
            try
            {
                return await answer.WaitAsync(within, ct);
            }
            finally
            {
                if (answer.IsCompleted)
                    await connection.DisposeAsync();
                else
                    _ = LetGo(answer, connection);
            }
        }
        catch (TimeoutException silence)
        {
            // Its connections are lost for who knows how long; a pool full of them would outlast the outage.
            Interlocked.CompareExchange(ref readers!, Readers(), source);
            source.Clear();
            throw new NpgsqlException("The server does not answer.", silence);
        }
        catch (NpgsqlException failure) when (failure is not PostgresException || failure.SqlState is ['5', '7', ..])
        {
            // What one connection to a server that went away has found out holds for the whole pool's.
            source.Clear();
            throw;
        }
    }

    private NpgsqlDataSource Readers() => Source(where, static settings =>
    {
        settings.MaxPoolSize = MostReaders;
        settings.NoResetOnClose = true;
        settings.MaxAutoPrepare = 200;
        settings.AutoPrepareMinUsages = 2;
    });

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new(connectionString);
        }
        catch (ArgumentException)
        {
            // Its message may quote the password.
            throw new DatabaseRefusedException("the connection string of the database is not understood (Host=…;Username=…;…)");
        }
    }

    private static NpgsqlDataSource Source(string connectionString, Action<NpgsqlConnectionStringBuilder> more)
    {
        var settings = Parse(connectionString);
        settings.ApplicationName = "fabric";
        settings.Timeout = ConnectSeconds;
        settings.CommandTimeout = 0;
        // A unix socket refuses to be told.
        if (settings.Host?.StartsWith('/') != true)
        {
            settings.TcpKeepAlive = true;
            settings.TcpKeepAliveTime = 10;
            settings.TcpKeepAliveInterval = 5;
        }

        // Details quote what is in the tables.
        settings.IncludeErrorDetail = false;
        settings.Options = settings.Options is { Length: > 0 } own ? $"{Session} {own}" : Session;
        more(settings);
        return NpgsqlDataSource.Create(settings.ConnectionString);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer")]
    private partial void LogGone(Exception failure);
}
