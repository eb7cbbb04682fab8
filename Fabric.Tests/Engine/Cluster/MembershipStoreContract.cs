using Fabric.Engine;
using Fabric.Tests.Kit;
using Npgsql;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>What every membership store does, in its own time.</summary>
public abstract class MembershipStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private protected static readonly LeaseTerms Long = new(TimeSpan.FromMinutes(10), TimeSpan.Zero);
    private static readonly LeaseTerms Brief = new(Short, TimeSpan.Zero);

    private IMembershipStore _store = null!;

    public async Task InitializeAsync()
    {
        _store = await Open("one");
        await _store.Initialize(default);
        // A second silo starts at the same time.
        await _store.Initialize(default);
    }

    public virtual Task DisposeAsync() => Task.CompletedTask;

    private protected abstract Task<IMembershipStore> Open(string cluster);

    [SkippableFact]
    public async Task A_silo_joins_becomes_active_leaves_and_each_step_is_a_later_view()
    {
        var silo = Address(1);
        var joined = await _store.Join(Member(silo), Long, default);
        var active = await _store.SetStatus(silo, SiloStatus.Active, default);
        var leaving = await _store.SetStatus(silo, SiloStatus.ShuttingDown, default);
        var dead = await _store.SetStatus(silo, SiloStatus.Dead, default);
        Assert.Equal(
            [SiloStatus.Joining, SiloStatus.Active, SiloStatus.ShuttingDown, SiloStatus.Dead],
            new[] { joined, active, leaving, dead }.Select(view => view.Find(silo)!.Status));
        Assert.True(joined.Version < active.Version && active.Version < leaving.Version && leaving.Version < dead.Version);
        var read = await _store.Read(default);
        Assert.Equal(dead.Version, read.Version);
        Assert.Equal("b", read.Find(silo)!.Metadata.Metadata["a"]);
        Assert.Equal("name of 1", read.Find(silo)!.Name);
    }

    [SkippableFact]
    public async Task A_renewal_tells_the_time_of_the_store()
    {
        await _store.Join(Member(Address(1)), Long, default);
        var first = (await _store.Renew(Address(1), Long, default)).Now;
        await Eventually.True(async () => (await _store.Renew(Address(1), Long, default)).Now > first, "time goes by");
    }

    [SkippableFact]
    public async Task A_dead_silo_stays_dead()
    {
        var silo = Address(1);
        await _store.Join(Member(silo), Long, default);
        await _store.SetStatus(silo, SiloStatus.Dead, default);
        Assert.True((await _store.Renew(silo, Long, default)).IsDead);
        Assert.Equal(SiloStatus.Dead, (await _store.SetStatus(silo, SiloStatus.Active, default)).Find(silo)!.Status);
        await Assert.ThrowsAsync<OrleansException>(() => _store.Join(Member(silo), Long, default));
    }

    [SkippableFact]
    public async Task A_new_life_on_an_endpoint_ends_the_former_ones()
    {
        var (former, later) = (Address(1), SiloAddress.New(Address(1).Endpoint, 2));
        await _store.Join(Member(former), Long, default);
        var view = await _store.Join(Member(later), Long, default);
        Assert.Equal(SiloStatus.Dead, view.Find(former)!.Status);
        Assert.Equal(SiloStatus.Joining, view.Find(later)!.Status);
        Assert.True((await _store.Renew(former, Long, default)).IsDead);
        await Assert.ThrowsAsync<OrleansException>(() => _store.Join(Member(former), Long, default));
    }

    [SkippableFact]
    public async Task Only_a_silo_with_a_lease_declares_others_dead_and_only_those_without()
    {
        var (judge, lapsed, alive) = (Address(1), Address(2), Address(3));
        await _store.Join(Member(judge), Long, default);
        await _store.Join(Member(alive), Long, default);
        await _store.Join(Member(lapsed), Brief, default);
        await Eventually.True(async () => (await _store.Renew(judge, Long, default)).SomeLapsed, "the lease has run out");
        var before = await _store.Read(default);
        Assert.Equal(before.Version, (await _store.DeclareLapsedDead(Address(9), Brief, default)).Version);
        Assert.Equal(before.Version, (await _store.DeclareLapsedDead(lapsed, Brief, default)).Version);
        var view = await _store.DeclareLapsedDead(judge, Brief, default);
        Assert.Equal(SiloStatus.Dead, view.Find(lapsed)!.Status);
        Assert.NotEqual(SiloStatus.Dead, view.Find(alive)!.Status);
        Assert.True(view.Version > before.Version);
        Assert.False((await _store.Renew(judge, Long, default)).SomeLapsed);
    }

    [SkippableFact]
    public async Task After_an_outage_a_silo_judges_nobody_before_the_grace_is_over()
    {
        var (judge, late) = (Address(1), Address(2));
        var terms = new LeaseTerms(Short, TimeSpan.FromMinutes(10));
        await _store.Join(Member(judge), terms, default);
        await _store.Join(Member(late), terms, default);
        await Eventually.True(async () => (await _store.Renew(judge, terms, default)).SomeLapsed, "both leases have run out");
        Assert.NotEqual(SiloStatus.Dead, (await _store.DeclareLapsedDead(judge, terms, default)).Find(late)!.Status);
        Assert.False((await _store.Renew(late, terms, default)).IsDead);
    }

    [SkippableFact]
    public async Task The_dead_are_forgotten_after_a_while()
    {
        var silo = Address(1);
        await _store.Join(Member(silo), Long, default);
        await _store.SetStatus(silo, SiloStatus.Dead, default);
        await _store.RemoveDead(TimeSpan.FromMinutes(1), default);
        Assert.NotNull((await _store.Read(default)).Find(silo));
        await Eventually.True(async () =>
        {
            await _store.RemoveDead(TimeSpan.FromMilliseconds(1), default);
            return (await _store.Read(default)).Find(silo) is null;
        }, "the dead silo is forgotten");
    }

    [SkippableFact]
    public async Task A_change_is_told_to_who_listens()
    {
        var told = new TaskCompletionSource();
        var armed = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        var listening = _store.Listen(() => (armed.Task.IsCompleted ? told : armed).TrySetResult(), stop.Token);
        // Whether it listens yet shows in that it hears.
        await Eventually.True(async () =>
        {
            await _store.Join(Member(Address(Random.Shared.Next())), Long, default);
            return told.Task.IsCompleted;
        }, "the change was told");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [SkippableFact]
    public async Task Changes_at_the_same_moment_give_views_in_one_order()
    {
        var views = await Task.WhenAll(Enumerable.Range(1, 12).Select(number => Task.Run(() =>
            _store.Join(Member(Address(number)), Long, default))));
        Assert.Equal(12, views.Select(view => view.Version).Distinct().Count());
        Assert.All(views.OrderBy(view => view.Version.Value).Select((view, index) => (view, index)), each =>
            Assert.Equal(each.index + 1, each.view.Members.Length));
    }

    private protected static SiloAddress Address(int number) => SiloAddress.New(System.Net.IPAddress.Loopback, 1000 + (number % 60_000), 1);

    private protected static SiloMember Member(SiloAddress address)
    {
        var metadata = new SiloMetadata();
        metadata.AddMetadata([new("a", "b")]);
        return new SiloMember(address, SiloStatus.Joining, metadata, $"name of {address.Endpoint.Port - 1000}");
    }
}

/// <summary>The store in memory.</summary>
public sealed class InMemoryMembershipStoreTests : MembershipStoreContract
{
    private protected override Task<IMembershipStore> Open(string cluster) =>
        Task.FromResult<IMembershipStore>(new InMemoryMembershipStore(TimeProvider.System));
}

/// <summary>The store on PostgreSQL.</summary>
public sealed class PostgresMembershipStoreTests : MembershipStoreContract
{
    private NpgsqlDataSource? _source;

    public override async Task DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_silo_that_is_cut_off_in_the_middle_of_a_change_does_not_keep_others_from_theirs()
    {
        await using var source = NpgsqlDataSource.Create(PostgresMembershipStore.Settings(await PrivatePostgres.Database()));
        var store = new PostgresMembershipStore(source, "one");
        await store.Initialize(default);
        await using var cut = await source.OpenConnectionAsync();
        await using var change = await cut.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT version FROM orleans_cluster WHERE cluster_id = 'one' FOR UPDATE", cut))
            Assert.Equal(0L, await hold.ExecuteScalarAsync());
        await Eventually.True(async () =>
        {
            try
            {
                return (await store.Join(Member(Address(1)), Long, default)).Find(Address(1)) is not null;
            }
            catch (PostgresException wait) when (wait.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                return false;
            }
        }, "another silo joins");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => change.CommitAsync());
    }

    [SkippableFact]
    public async Task A_judge_does_not_wait_for_a_writer_that_is_gone_and_all_others_behind_it()
    {
        var database = await PrivatePostgres.Database();
        await using var source = NpgsqlDataSource.Create(PostgresMembershipStore.Settings(database));
        var store = new PostgresMembershipStore(source, "one");
        await store.Initialize(default);
        await store.Join(Member(Address(1)), Long, default);
        await using var gone = NpgsqlDataSource.Create(database);
        await using var writer = await gone.OpenConnectionAsync();
        await using var write = await writer.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock_shared(hashtext('orleans_lease'))", writer))
            await hold.ExecuteNonQueryAsync();
        var failure = await Assert.ThrowsAsync<PostgresException>(() =>
            store.DeclareLapsedDead(Address(1), Long, default));
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, failure.SqlState);
    }

    private protected override async Task<IMembershipStore> Open(string cluster)
    {
        _source = NpgsqlDataSource.Create(await PrivatePostgres.Database());
        return new PostgresMembershipStore(_source, cluster);
    }
}
