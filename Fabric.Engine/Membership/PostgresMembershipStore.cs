using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Engine;

/// <summary>
/// The store on PostgreSQL. All times are the database's: what a silo's own clock says never enters. Every change of a view first locks the
/// row with its version, so changes of one cluster follow one another, and whoever reads version and members in one statement sees both as
/// of one moment.
/// </summary>
internal sealed class PostgresMembershipStore : IMembershipStore
{
    private const string Channel = "orleans_membership";

    // All silos of a first start make the tables at once; the lock keeps them from tripping over each other.
    private const string Tables = """
        SET LOCAL lock_timeout = '60s';
        SELECT pg_advisory_xact_lock(hashtext('orleans_membership'));
        CREATE TABLE IF NOT EXISTS orleans_cluster (cluster_id text PRIMARY KEY, version bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS orleans_silo (
            cluster_id text NOT NULL, endpoint text NOT NULL, generation integer NOT NULL, name text NOT NULL, status text NOT NULL,
            metadata jsonb NOT NULL, lease_since timestamptz NOT NULL, lease_until timestamptz NOT NULL, dead_at timestamptz,
            PRIMARY KEY (cluster_id, endpoint, generation));
        """;

    private const string LockVersion = "SELECT version FROM orleans_cluster WHERE cluster_id = @cluster FOR UPDATE";

    private const string BumpVersion = $"""
        UPDATE orleans_cluster SET version = version + 1 WHERE cluster_id = @cluster;
        SELECT pg_notify('{Channel}', @cluster)
        """;

    private const string ReadView = """
        SELECT v.version, s.endpoint, s.generation, s.name, s.status, s.metadata::text
        FROM orleans_cluster v LEFT JOIN orleans_silo s ON s.cluster_id = v.cluster_id WHERE v.cluster_id = @cluster
        """;

    private const string JoinSilo = """
        UPDATE orleans_silo SET status = 'Dead', dead_at = now()
        WHERE cluster_id = @cluster AND endpoint = @endpoint AND generation < @generation AND status <> 'Dead';
        INSERT INTO orleans_silo SELECT @cluster, @endpoint, @generation, @name, 'Joining', @metadata::jsonb, now(), now() + @duration
        WHERE NOT EXISTS (SELECT FROM orleans_silo
            WHERE cluster_id = @cluster AND endpoint = @endpoint AND generation >= @generation)
        """;

    private const string ChangeStatus = """
        UPDATE orleans_silo SET status = @status, dead_at = CASE @status WHEN 'Dead' THEN now() END
        WHERE cluster_id = @cluster AND endpoint = @endpoint AND generation = @generation AND status <> 'Dead'
        """;

    private const string RenewLease = """
        UPDATE orleans_silo me SET lease_since = CASE WHEN lease_until < now() THEN now() ELSE lease_since END,
            lease_until = now() + @duration
        WHERE cluster_id = @cluster AND endpoint = @endpoint AND generation = @generation AND status <> 'Dead'
        RETURNING (SELECT version FROM orleans_cluster WHERE cluster_id = @cluster),
            EXISTS (SELECT FROM orleans_silo s WHERE s.cluster_id = @cluster AND s.status <> 'Dead' AND s.lease_until < now()
                AND (s.endpoint, s.generation) <> (@endpoint, @generation)),
            now(), lease_until
        """;

    // The whole decision is one statement: who may judge, and who has lapsed, at one moment of the database's clock. What the lapsed have
    // begun to write is waited for first: whoever writes under a lease holds this lock with others until the transaction ends, and looks
    // at the clock once it has the lock.
    private const string DeclareDead = """
        SELECT pg_advisory_xact_lock(hashtext('orleans_lease'));
        UPDATE orleans_silo s SET status = 'Dead', dead_at = now() FROM orleans_silo me
        WHERE me.cluster_id = @cluster AND me.endpoint = @endpoint AND me.generation = @generation AND me.status <> 'Dead'
            AND me.lease_until >= now() AND me.lease_since + @grace <= now()
            AND s.cluster_id = @cluster AND s.status <> 'Dead' AND s.lease_until < now()
        """;

    private const string ForgetDead = """
        DELETE FROM orleans_silo WHERE cluster_id = @cluster AND status = 'Dead' AND dead_at + @age < now()
        """;

    // A silo whose host died, or was cut off, in the middle of a change leaves the version locked, and nobody joins or is declared dead:
    // the server ends its transaction as soon as no silo would wait for it any more, and its connections when nobody acknowledges. And
    // nobody waits for a lock longer than he is waited for himself: else all that was asked meanwhile would stand there on the server.
    private const string Session = "-c lock_timeout=2s -c idle_in_transaction_session_timeout=3s "
        + "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10s";

    private readonly string _clusterId;
    private readonly Func<NpgsqlDataSource>? _fresh;
    private volatile NpgsqlDataSource _database;

    /// <summary>Over somebody else's connections.</summary>
    internal PostgresMembershipStore(NpgsqlDataSource database, string clusterId) => (_database, _clusterId) = (database, clusterId);

    /// <summary>Over connections of its own, and new ones when those hang.</summary>
    internal PostgresMembershipStore(Func<NpgsqlDataSource> fresh, string clusterId) : this(fresh(), clusterId) => _fresh = fresh;

    /// <summary>How silos connect, given where the database is.</summary>
    internal static string Settings(string connectionString)
    {
        // Leases must not wait behind an application's pool. The time limit of a command is the store's caller's.
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "membership", MaxPoolSize = 4, Timeout = 2, CommandTimeout = 0, KeepAlive = 5,
        };
        settings.Options = settings.Options is { Length: > 0 } own ? $"{Session} {own}" : Session;
        return settings.ConnectionString;
    }

    public void GiveUpWaiting()
    {
        if (_fresh is null)
            return;
        var hanging = _database;
        _database = _fresh();
        // Its idle connections close now, the others when they come back, if ever.
        hanging.Dispose();
    }

    public async Task Initialize(CancellationToken token)
    {
        await using var connection = await _database.OpenConnectionAsync(token).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(token).ConfigureAwait(false);
        await using (var tables = new NpgsqlCommand(Tables, connection))
            await tables.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        await using (var row = Command(connection, "INSERT INTO orleans_cluster VALUES (@cluster, 0) ON CONFLICT DO NOTHING"))
            await row.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        await transaction.CommitAsync(token).ConfigureAwait(false);
    }

    public Task<MembershipView> Join(SiloMember member, LeaseTerms terms, CancellationToken token) => Change(connection =>
    {
        var join = For(Command(connection, JoinSilo), member.Address);
        join.Parameters.AddWithValue("name", member.Name);
        join.Parameters.AddWithValue("metadata", JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(member.Metadata.Metadata));
        join.Parameters.AddWithValue("duration", terms.Duration);
        return join;
    }, changed => changed > 0 ? true : throw new OrleansException($"{member.Address} has been here already."), token);

    public Task<MembershipView> SetStatus(SiloAddress silo, SiloStatus status, CancellationToken token) => Change(connection =>
    {
        var change = For(Command(connection, ChangeStatus), silo);
        change.Parameters.AddWithValue("status", status.ToString());
        return change;
    }, static changed => changed > 0, token);

    public async Task<Renewal> Renew(SiloAddress silo, LeaseTerms terms, CancellationToken token)
    {
        await using var connection = await _database.OpenConnectionAsync(token).ConfigureAwait(false);
        await using var renew = For(Command(connection, RenewLease), silo);
        renew.Parameters.AddWithValue("duration", terms.Duration);
        await using var row = await renew.ExecuteReaderAsync(token).ConfigureAwait(false);
        return await row.ReadAsync(token).ConfigureAwait(false)
            ? new Renewal(false, new MembershipVersion(row.GetInt64(0)), row.GetBoolean(1),
                row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3))
            : new Renewal(true, MembershipVersion.MinValue, false);
    }

    public Task<MembershipView> DeclareLapsedDead(SiloAddress by, LeaseTerms terms, CancellationToken token) => Change(connection =>
    {
        var declare = For(Command(connection, DeclareDead), by);
        declare.Parameters.AddWithValue("grace", terms.Grace);
        return declare;
    }, static changed => changed > 0, token);

    public async Task<MembershipView> Read(CancellationToken token)
    {
        await using var connection = await _database.OpenConnectionAsync(token).ConfigureAwait(false);
        return await Read(connection, token).ConfigureAwait(false);
    }

    public Task RemoveDead(TimeSpan age, CancellationToken token) => Change(connection =>
    {
        var forget = Command(connection, ForgetDead);
        forget.Parameters.AddWithValue("age", age);
        return forget;
    }, static changed => changed > 0, token);

    public async Task Listen(Action changed, CancellationToken token)
    {
        await using var connection = await _database.OpenConnectionAsync(token).ConfigureAwait(false);
        connection.Notification += (_, news) =>
        {
            if (news.Payload == _clusterId)
                changed();
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
            await listen.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        // What came before the first word was heard.
        changed();
        while (true)
            await connection.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>One change of the view: under the version's lock, with a new version if anything changed.</summary>
    private async Task<MembershipView> Change(Func<NpgsqlConnection, NpgsqlCommand> make, Func<int, bool> hasChanged,
        CancellationToken token)
    {
        await using var connection = await _database.OpenConnectionAsync(token).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(token).ConfigureAwait(false);
        await using (var wait = Command(connection, LockVersion))
            await wait.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        await using (var change = make(connection))
        {
            if (hasChanged(await change.ExecuteNonQueryAsync(token).ConfigureAwait(false)))
            {
                await using var bump = Command(connection, BumpVersion);
                await bump.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        }

        var view = await Read(connection, token).ConfigureAwait(false);
        await transaction.CommitAsync(token).ConfigureAwait(false);
        return view;
    }

    private async Task<MembershipView> Read(NpgsqlConnection connection, CancellationToken token)
    {
        await using var read = Command(connection, ReadView);
        await using var row = await read.ExecuteReaderAsync(token).ConfigureAwait(false);
        var members = ImmutableArray.CreateBuilder<SiloMember>();
        var version = 0L;
        while (await row.ReadAsync(token).ConfigureAwait(false))
        {
            version = row.GetInt64(0);
            if (await row.IsDBNullAsync(1, token).ConfigureAwait(false))
                continue;
            var metadata = new SiloMetadata();
            metadata.AddMetadata(JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(5))!);
            members.Add(new SiloMember(SiloAddress.FromParsableString($"{row.GetString(1)}@{row.GetInt32(2)}"),
                Enum.Parse<SiloStatus>(row.GetString(4)), metadata, row.GetString(3)));
        }

        return new MembershipView(new MembershipVersion(version), members.ToImmutable());
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string text)
    {
        var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddWithValue("cluster", _clusterId);
        return command;
    }

    private static NpgsqlCommand For(NpgsqlCommand command, SiloAddress silo)
    {
        command.Parameters.AddWithValue("endpoint", silo.Endpoint.ToString());
        command.Parameters.AddWithValue("generation", silo.Generation);
        return command;
    }
}
