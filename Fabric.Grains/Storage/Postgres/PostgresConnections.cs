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

    /// <summary>A server that is there but does not answer (frozen, its network cut) is taken for gone after so many seconds.</summary>
    private const int AnswerSeconds = 8;
    private const int ConnectSeconds = 3;

    /// <summary>Enough for all that two or four cores can ask at once; a hundred is what a server allows to all of its clients.</summary>
    private const int MostReaders = 16;

    // Plans: an index is always better than reading a table of documents, whatever the statistics say of a table that was small when they
    // were taken. The rest is what durability and the etags rely on, whatever the server's own defaults are.
    private const string Session = "-c enable_seqscan=off -c random_page_cost=1.1 -c jit=off -c synchronous_commit=on "
        + "-c default_transaction_isolation=read\\ committed -c lock_timeout=5s";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource readers;
    private readonly NpgsqlDataSource writers;
    private readonly ILogger logger;
    private volatile bool closed;

    /// <summary>Says where the server is; nothing is opened yet.</summary>
    public PostgresConnections(string connectionString, ILoggerFactory loggers)
    {
        logger = loggers.CreateLogger<PostgresConnections>();
        // The password must not be in an exception's text, hence not in a connection's ConnectionString either: Npgsql's own default.
        readers = Source(connectionString, static settings =>
        {
            settings.MaxPoolSize = MostReaders;
            settings.NoResetOnClose = true;
            settings.MaxAutoPrepare = 200;
            settings.AutoPrepareMinUsages = 2;
        });
        writers = Source(connectionString, static settings => settings.Pooling = false);
    }

    /// <summary>Runs a question on a connection of the pool. It may run more than once.</summary>
    public async ValueTask<T> Read<T>(Func<NpgsqlConnection, Task<T>> question, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = NextPause(pause))
        {
            ObjectDisposedException.ThrowIf(closed, this);
            try
            {
                await using var connection = await readers.OpenConnectionAsync(ct);
                return await question(connection);
            }
            catch (NpgsqlException failure) when (IsOutage(failure))
            {
                Forget(failure);
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
        ObjectDisposedException.ThrowIf(closed, this);
        try
        {
            await using var connection = await OpenAnswering(ct);
            return await change(connection);
        }
        catch (NpgsqlException failure) when (IsOutage(failure))
        {
            throw Gone(failure);
        }
    }

    /// <summary>Opens a connection for one writer, which keeps it.</summary>
    public async Task<NpgsqlConnection> OpenWriter() => await writers.OpenConnectionAsync();

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

    /// <summary>What one connection to a server that went away has found out holds for the whole pool's.</summary>
    private void Forget(NpgsqlException failure)
    {
        if (failure is not PostgresException || failure.SqlState is ['5', '7', ..])
            readers.Clear();
    }

    /// <summary>The pool may hold connections to a server that was restarted: one that answers is found by a question.</summary>
    private async Task<NpgsqlConnection> OpenAnswering(CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = NextPause(pause))
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await readers.OpenConnectionAsync(ct);
                await connection.Run("SELECT 1", [], ct);
                return connection;
            }
            catch (NpgsqlException failure) when (IsOutage(failure))
            {
                Forget(failure);
                if (connection is not null)
                    await connection.DisposeAsync();
                if (Stopwatch.GetElapsedTime(began) + pause > Patience)
                    throw;
            }

            await Task.Delay(pause, ct);
        }
    }

    private static NpgsqlDataSource Source(string connectionString, Action<NpgsqlConnectionStringBuilder> more)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "fabric",
            Timeout = ConnectSeconds,
            CommandTimeout = AnswerSeconds,
            // A server that missed one deadline gets no second one to answer the cancellation in.
            CancellationTimeout = -1,
            KeepAlive = 0,
            IncludeErrorDetail = false,
        };
        settings.Options = settings.Options is { Length: > 0 } own ? $"{Session} {own}" : Session;
        more(settings);
        return NpgsqlDataSource.Create(settings.ConnectionString);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer")]
    private partial void LogGone(Exception failure);
}
