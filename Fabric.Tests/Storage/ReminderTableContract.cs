namespace Fabric.Tests.Storage;

/// <summary>What every durable table of reminders promises.</summary>
public abstract class ReminderTableContract : IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 1, 1, 12, 0, 0, 7, DateTimeKind.Utc);

    private protected abstract IReminderTable Table { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    [SkippableFact]
    public async Task A_reminder_reads_back_as_it_was_registered()
    {
        var etag = await Table.UpsertRow(Entry("g1", "tick"));
        var row = await Table.ReadRow(Grain("g1"), "tick");
        Assert.NotNull(row);
        Assert.Equal((Grain("g1"), "tick", etag), (row.GrainId, row.ReminderName, row.ETag));
        Assert.Equal((Start, TimeSpan.FromMinutes(3)), (row.StartAt, row.Period));
        Assert.Equal(DateTimeKind.Utc, row.StartAt.Kind);
        Assert.Null(await Table.ReadRow(Grain("g1"), "other"));
    }

    [SkippableFact]
    public async Task Registering_again_replaces_it_under_a_new_etag()
    {
        var first = await Table.UpsertRow(Entry("g1", "tick"));
        var again = Entry("g1", "tick");
        again.Period = TimeSpan.FromHours(1);
        var second = await Table.UpsertRow(again);
        Assert.NotEqual(first, second);
        Assert.Equal(TimeSpan.FromHours(1), Assert.Single((await Table.ReadRows(Grain("g1"))).Reminders).Period);
        Assert.False(await Table.RemoveRow(Grain("g1"), "tick", first!));
        Assert.True(await Table.RemoveRow(Grain("g1"), "tick", second!));
        Assert.False(await Table.RemoveRow(Grain("g1"), "tick", second!));
    }

    [SkippableFact]
    public async Task A_grains_own_reminders_are_only_its_own()
    {
        await Table.UpsertRow(Entry("g1", "a"));
        await Table.UpsertRow(Entry("g1", "b"));
        await Table.UpsertRow(Entry("g2", "a"));
        Assert.Equal(["a", "b"], (await Table.ReadRows(Grain("g1"))).Reminders.Select(static row => row.ReminderName).Order());
    }

    [SkippableFact]
    public async Task Ranges_of_the_ring_share_all_reminders_out_without_gap_or_overlap()
    {
        for (var i = 0; i < 100; i++)
            await Table.UpsertRow(Entry($"g{i}", "tick"));
        uint[] cuts = [7, 1_000_000_000, 2_500_000_000, uint.MaxValue - 5];
        List<string> seen = [];
        for (var i = 0; i < cuts.Length; i++)
        {
            // The last one goes over the end of the ring and on from its beginning.
            var (begin, end) = (cuts[i], cuts[(i + 1) % cuts.Length]);
            seen.AddRange((await Table.ReadRows(begin, end)).Reminders.Select(static row => row.GrainId.ToString()));
        }

        Assert.Equal(100, seen.Count);
        Assert.Equal(100, seen.Distinct().Count());
        Assert.Equal(100, (await Table.ReadRows(5, 5)).Reminders.Count);
    }

    [SkippableFact]
    public async Task A_grain_whose_hash_is_the_ranges_end_is_in_it_and_at_its_begin_is_not()
    {
        await Table.UpsertRow(Entry("g1", "tick"));
        var hash = Grain("g1").GetUniformHashCode();
        Assert.Single((await Table.ReadRows(hash - 1, hash)).Reminders);
        Assert.Empty((await Table.ReadRows(hash, hash + 1)).Reminders);
    }

    private static GrainId Grain(string key) => GrainId.Create("test", key);

    private static ReminderEntry Entry(string key, string name) =>
        new() { GrainId = Grain(key), ReminderName = name, StartAt = Start, Period = TimeSpan.FromMinutes(3) };
}
