using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Engine;

public interface IWokenGrain : IGrainWithStringKey
{
    Task Register(string name, TimeSpan due, TimeSpan period);

    Task<string[]> Names();

    Task Unregister(string name);
}

public sealed class WokenGrain(Probe probe) : Grain, IWokenGrain, IRemindable
{
    public Task Register(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task<string[]> Names() => [.. (await this.GetReminders()).Select(each => each.ReminderName).Order()];

    public async Task Unregister(string name)
    {
        var reminder = await this.GetReminder(name);
        Assert.NotNull(reminder);
        await this.UnregisterReminder(reminder);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        probe.Note($"{this.GetPrimaryKeyString()} {reminderName} {(status.CurrentTickTime - status.FirstTickTime).TotalMinutes:0}");
        return reminderName == "failing" ? throw new InvalidOperationException("a tick may fail") : Task.CompletedTask;
    }
}

public sealed class ReminderTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The next tick is set only after the last one was answered; a clock that moves on before would have it skipped as
    /// missed.</summary>
    private static Task TickIsSet(TestSilo silo, DateTimeOffset due) =>
        Eventually.True(() => silo.Time.HasTimerAt(due), "the next tick is set");

    [Fact]
    public async Task A_reminder_ticks_when_due_and_then_once_per_period_also_when_its_grain_was_collected()
    {
        await using var silo = await TestSilo.Start();
        var began = silo.Time.GetUtcNow();
        await silo.Grains.GetGrain<IWokenGrain>("a").Register("r", 5 * Minute, 60 * Minute);
        silo.Time.Advance(4 * Minute);
        Assert.Empty(silo.Probe.Log);
        silo.Time.Advance(Minute);
        await silo.Probe.Saw("a r 0");
        await silo.Quiet();
        await TickIsSet(silo, began + (65 * Minute));
        silo.Time.Advance(60 * Minute);
        await silo.Probe.Saw("a r 60");
    }

    [Fact]
    public async Task A_reminder_outlives_its_silo_and_ticks_missed_meanwhile_are_skipped()
    {
        var table = new InMemoryReminderTable();
        var time = new ManualTime();
        await using (var first = await TestSilo.Start(builder => builder.Services.AddSingleton<IReminderTable>(table), time))
            await first.Grains.GetGrain<IWokenGrain>("a").Register("r", Minute, 10 * Minute);
        time.Advance(35 * Minute);
        await using var second = await TestSilo.Start(builder => builder.Services.AddSingleton<IReminderTable>(table), time);
        time.Advance(5 * Minute);
        Assert.Empty(second.Probe.Log);
        time.Advance(Minute);
        await second.Probe.Saw("a r 40");
        Assert.Equal(["a r 40"], second.Probe.Log);
    }

    [Fact]
    public async Task A_reminder_does_not_wait_for_a_clock_that_was_set_back_and_one_that_was_set_forward_changes_nothing_for_long()
    {
        await using var silo = await TestSilo.Start();
        var began = silo.Time.GetUtcNow();
        // No other timer falls due at its multiples.
        var period = TimeSpan.FromSeconds(71);
        await silo.Grains.GetGrain<IWokenGrain>("a").Register("r", period, period);
        silo.Time.Set(-50 * period);
        silo.Time.Advance(period);
        await silo.Probe.Saw("a r -59");
        await TickIsSet(silo, began + (2 * period));
        silo.Time.Set(150 * period);
        silo.Time.Advance(period);
        await silo.Probe.Saw("a r 120");
        await TickIsSet(silo, began + (3 * period));
        silo.Time.Set(-100 * period);
        silo.Time.Advance(period);
        await silo.Probe.Saw("a r 2");
        Assert.Equal(["a r -59", "a r 120", "a r 2"], silo.Probe.Log);
    }

    [Fact]
    public async Task A_tick_that_fails_is_followed_by_the_next()
    {
        await using var silo = await TestSilo.Start();
        var began = silo.Time.GetUtcNow();
        await silo.Grains.GetGrain<IWokenGrain>("a").Register("failing", Minute, 2 * Minute);
        silo.Time.Advance(Minute);
        await silo.Probe.Saw("a failing 0");
        await TickIsSet(silo, began + (3 * Minute));
        silo.Time.Advance(2 * Minute);
        await silo.Probe.Saw("a failing 2");
    }

    [Fact]
    public async Task Registering_a_name_again_replaces_the_reminder_and_unregistering_ends_it()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IWokenGrain>("a");
        await grain.Register("r", Minute, Minute);
        await grain.Register("r", 10 * Minute, Minute);
        await grain.Register("s", 60 * Minute, Minute);
        Assert.Equal(["r", "s"], await grain.Names());
        silo.Time.Advance(5 * Minute);
        Assert.Empty(silo.Probe.Log);
        await grain.Unregister("r");
        silo.Time.Advance(20 * Minute);
        Assert.Empty(silo.Probe.Log);
        Assert.Equal(["s"], await grain.Names());
    }

    [Fact]
    public async Task What_another_silo_registered_or_removed_is_found_when_the_table_is_read_again()
    {
        var table = new InMemoryReminderTable();
        await using var silo = await TestSilo.Start(builder => builder.Services.AddSingleton<IReminderTable>(table));
        var id = silo.Grains.GetGrain<IWokenGrain>("a").GetGrainId();
        var etag = await table.UpsertRow(new ReminderEntry
        {
            GrainId = id, ReminderName = "r", StartAt = silo.Time.GetUtcNow().UtcDateTime + (6 * Minute), Period = 60 * Minute,
        });
        silo.Time.Advance(6 * Minute);
        await silo.Probe.Saw("a r 0");
        await silo.PendingCalls(0);
        Assert.True(await table.RemoveRow(id, "r", etag!));
        silo.Time.Advance(120 * Minute);
        Assert.Equal(["a r 0"], silo.Probe.Log);
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused()
    {
        await using var silo = await TestSilo.Start();
        await Assert.ThrowsAsync<ArgumentException>(() =>
            silo.Grains.GetGrain<IWokenGrain>("a").Register("r", Minute, TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public void A_range_of_the_ring_may_wrap_around_and_the_whole_ring_begins_where_it_ends()
    {
        Assert.True(new HashRange(10, 20).Contains(20));
        Assert.False(new HashRange(10, 20).Contains(10));
        Assert.True(new HashRange(uint.MaxValue - 1, 5).Contains(0));
        Assert.True(new HashRange(uint.MaxValue - 1, 5).Contains(uint.MaxValue));
        Assert.False(new HashRange(uint.MaxValue - 1, 5).Contains(6));
        Assert.True(new HashRange(7, 7).Contains(123));
    }
}
