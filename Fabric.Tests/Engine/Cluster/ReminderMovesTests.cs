using System.Collections.Concurrent;
using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.TestingHost;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>Reminders of a cluster: each silo reads and rings its own ranges, and they go over with the view.</summary>
public sealed class ReminderMovesTests
{
    private const int Grains = 40;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Each_reminder_is_rung_by_the_owner_of_its_range_wherever_it_was_registered()
    {
        await using var world = await World.Start(3);
        await world.Register();
        await world.RungByOwners();
        Assert.All(world.Cluster.Silos, silo => Assert.InRange(World.Service(silo).Count, 1, Grains - 2));
        // None was read by a silo that does not own it.
        foreach (var silo in world.Cluster.Silos)
        {
            var ring = World.Service(silo).Ring;
            Assert.All(world.Table.ReadsBy(silo.Name), range => Assert.True(
                silo.SiloAddress.Equals(ring.Owner(range.End)) || range.Begin == range.End, $"{silo.Name} read {range}"));
        }

        await world.Unregister();
        Assert.All(world.Cluster.Silos, silo => Assert.Equal(0, World.Service(silo).Count));
    }

    [Fact]
    public async Task When_a_silo_joins_it_rings_what_falls_to_it_and_nobody_else_does_any_more()
    {
        await using var world = await World.Start(2);
        await world.Register();
        await world.RungByOwners();
        var joined = await world.Cluster.Cluster.StartAdditionalSiloAsync();
        await world.Cluster.Agreed();
        await world.RungByOwners();
        Assert.InRange(World.Service(joined).Count, 1, Grains - 2);
    }

    [Fact]
    public async Task When_a_silo_dies_the_others_ring_its_reminders_and_none_is_lost()
    {
        await using var world = await World.Start(3, new MembershipSettings());
        await world.Register();
        await world.RungByOwners();
        await world.Cluster.Cluster.KillSiloAsync(world.Cluster.Silos[1]);
        await world.Cluster.Agreed();
        await world.RungByOwners();
    }

    [Fact]
    public async Task A_tick_that_was_due_while_its_silo_was_dying_is_rung_by_the_next_owner()
    {
        await using var world = await World.Start(2, new MembershipSettings());
        var dying = world.Cluster.Silos[1];
        // An hour between ticks: a lost one would be missed for all of the test.
        var keys = Enumerable.Range(0, 500).Select(number => $"once-{number}").Where(key => world.OwnerOf(key).Equals(dying.SiloAddress))
            .Take(5).ToList();
        foreach (var key in keys)
            await world.Grain(key).Register("once", 2 * Second, TimeSpan.FromHours(1));
        await world.Cluster.Cluster.KillSiloAsync(dying);
        await Eventually.True(() => keys.TrueForAll(key => world.Cluster.Probe.Count($"{key} once 0") > 0), "every tick came",
            TimeSpan.FromSeconds(60));
    }

    /// <summary>A cluster with one table of reminders, and grains that each have one of every second.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly string[] _keys = [.. Enumerable.Range(0, Grains).Select(number => $"woken-{number}")];

        private World(TestCluster cluster, CountedTable table) => (Cluster, Table) = (cluster, table);

        internal TestCluster Cluster { get; }

        internal CountedTable Table { get; }

        internal static async Task<World> Start(int silos, MembershipSettings? settings = null)
        {
            var table = new CountedTable();
            return new World(await TestCluster.Start(silos, (specific, silo) =>
            {
                silo.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = Second);
                silo.Services.Replace(ServiceDescriptor.Singleton<IReminderTable>(table.As(specific.SiloName)));
            }, settings), table);
        }

        internal static ReminderService Service(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<ReminderService>();

        internal IWokenGrain Grain(string key) => Cluster.Client.GetGrain<IWokenGrain>(key);

        internal SiloAddress OwnerOf(string key) => Service(Cluster.Silos[0]).Ring.Owner(Grain(key).GetGrainId().GetUniformHashCode())!;

        internal Task Register() => Task.WhenAll(_keys.Select(key => Grain(key).Register("r", Second, Second)));

        internal Task Unregister() => Task.WhenAll(_keys.Select(key => Grain(key).Unregister("r")));

        /// <summary>Each reminder is rung by the silo that owns it in the view, by that one alone, and rings on.</summary>
        internal async Task RungByOwners()
        {
            await Eventually.True(() => Cluster.Silos.Sum(silo => Service(silo).Count) == Grains, "every reminder has one silo",
                TimeSpan.FromSeconds(30));
            foreach (var key in _keys)
            {
                var owner = Cluster.Silos.Single(silo => silo.SiloAddress.Equals(OwnerOf(key)));
                Assert.True(Service(owner).Rings(Grain(key).GetGrainId(), "r"), $"{key} is not rung by {owner.Name}");
            }

            var ticks = Ticks();
            await Eventually.True(() => Ticks() is var now && _keys.All(key => now[key] > ticks[key]), "every reminder rings on",
                TimeSpan.FromSeconds(30));
        }

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();

        private Dictionary<string, int> Ticks()
        {
            var log = Cluster.Probe.Log;
            return _keys.ToDictionary(key => key, key => log.Count(entry => entry.StartsWith($"{key} r ", StringComparison.Ordinal)));
        }
    }

    /// <summary>One table for all silos, that knows who read which ranges.</summary>
    private sealed class CountedTable
    {
        private readonly InMemoryReminderTable _rows = new();
        private readonly ConcurrentDictionary<string, ConcurrentBag<HashRange>> _reads = [];

        internal IReadOnlyCollection<HashRange> ReadsBy(string silo) => _reads.TryGetValue(silo, out var reads) ? reads : [];

        internal IReminderTable As(string silo) => new View(_rows, _reads.GetOrAdd(silo, _ => []));

        private sealed class View(IReminderTable rows, ConcurrentBag<HashRange> reads) : IReminderTable
        {
            public Task<ReminderTableData> ReadRows(GrainId grainId) => rows.ReadRows(grainId);

            public Task<ReminderTableData> ReadRows(uint begin, uint end)
            {
                reads.Add(new HashRange(begin, end));
                return rows.ReadRows(begin, end);
            }

            public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => rows.ReadRow(grainId, reminderName);

            public Task<string?> UpsertRow(ReminderEntry entry) => rows.UpsertRow(entry);

            public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => rows.RemoveRow(grainId, reminderName, eTag);

            public Task TestOnlyClearTable() => rows.TestOnlyClearTable();
        }
    }
}
