using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>
/// Versions of kinds, read from the database: any process may have written. A version must be read after it was asked for, or a cache would
/// show its owner's client less than another silo has already answered; but it may be read for all who asked meanwhile. So one read is
/// under way at a time, and whoever comes while it is waits for the next: under load the database answers a few hundred reads where
/// thousands were asked.
/// </summary>
internal sealed class PostgresVersions(PostgresConnections connections)
{
    private readonly Lock gate = new();
    private Wave? waiting;
    private bool reading;

    /// <summary>The sum of the kinds' versions now.</summary>
    public async ValueTask<long> Read(IReadOnlyList<string> kinds, CancellationToken ct)
    {
        Wave mine;
        bool first;
        lock (gate)
        {
            mine = waiting ??= new();
            mine.Kinds.UnionWith(kinds);
            first = !reading;
            reading = true;
        }

        if (first)
            Begin();

        var versions = await mine.Done.Task.WaitAsync(ct);
        return kinds.Sum(kind => versions.GetValueOrDefault(kind));
    }

    /// <summary>At once where that is possible. In a grain's turn it is not: what all wait for must not wait for one grain.</summary>
    private void Begin()
    {
        using (ExecutionContext.SuppressFlow())
            _ = TaskScheduler.Current == TaskScheduler.Default ? ReadWaves() : Task.Run(ReadWaves, CancellationToken.None);
    }

    private async Task ReadWaves()
    {
        while (Next() is { } wave)
        {
            try
            {
                wave.Done.SetResult(await connections.Read(connection => Sum(connection, [.. wave.Kinds]), CancellationToken.None));
            }
            catch (Exception failure)
            {
                wave.Done.SetException(failure);
            }
        }
    }

    private Wave? Next()
    {
        lock (gate)
        {
            var next = waiting;
            waiting = null;
            reading = next is not null;
            return next;
        }
    }

    private static async Task<Dictionary<string, long>> Sum(NpgsqlConnection connection, string[] kinds)
    {
        const string Sql = "SELECT kind, sum(version)::bigint FROM kind_version WHERE kind = ANY ($1) GROUP BY kind";
        await using var command = connection.Command(Sql, [kinds]);
        await using var rows = await command.ExecuteReaderAsync();
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await rows.ReadAsync())
            versions.Add(rows.GetString(0), rows.GetInt64(1));
        return versions;
    }

    private sealed class Wave
    {
        public HashSet<string> Kinds { get; } = new(StringComparer.Ordinal);

        public TaskCompletionSource<Dictionary<string, long>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
