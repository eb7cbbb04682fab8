using Fabric.Grains.Storage;
using Orleans.Storage;

namespace Fabric.Tests.Storage;

/// <summary>What every database of records promises. One subclass per implementation.</summary>
public abstract class GrainStorageContract : IAsyncLifetime
{
    protected const string Kind = "test";

    private RecordGrainStorage Storage => new(Database, TimeProvider.System);

    private protected ResourceIndex Index => new(Database);

    private protected abstract IRecordDatabase Database { get; }

    private protected abstract IOutbox Outbox { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    [SkippableFact]
    public async Task A_record_that_was_never_written_reads_as_a_fresh_one()
    {
        var state = await Read<TestRecord>("a");
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(Colour.Red, state.State.Colour);
    }

    [SkippableFact]
    public async Task A_written_record_reads_back_as_it_was()
    {
        var nodes = new Dictionary<string, string> { ["node"] = "n1" };
        var written = await Write("a", new() { Name = "näme", Colour = Colour.Green, Nodes = nodes });
        var read = await Read<TestRecord>("a");
        Assert.True(read.RecordExists);
        Assert.Equal(written.ETag, read.ETag);
        Assert.Equal("näme", read.State.Name);
        Assert.Equal(Colour.Green, read.State.Colour);
        Assert.Equal("n1", read.State.Nodes["node"]);
    }

    [SkippableFact]
    public async Task A_record_that_is_no_row_is_kept_too()
    {
        var state = new GrainState<PlainRecord>(new("hello"));
        await Storage.WriteStateAsync("plain", Id("a"), state);
        Assert.Equal("hello", (await Index.Find<PlainRecord>("plain", "a", default))!.Text);
    }

    [SkippableFact]
    public async Task A_write_with_an_old_etag_is_refused_and_changes_nothing()
    {
        await Write("a", new() { Name = "first" });
        var mine = await Read<TestRecord>("a");
        var theirs = await Read<TestRecord>("a");
        await Write(theirs, theirs.State with { Name = "theirs" });
        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => Write(mine, mine.State with { Name = "mine" }));
        Assert.Equal(theirs.ETag, refused.StoredEtag);
        Assert.Equal("theirs", (await Read<TestRecord>("a")).State.Name);
    }

    [SkippableFact]
    public async Task A_first_write_of_a_record_that_exists_is_refused()
    {
        await Write("a", new());
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write("a", new()));
    }

    [SkippableFact]
    public async Task A_write_of_a_record_that_was_cleared_is_refused()
    {
        var mine = await Write("a", new());
        var theirs = await Read<TestRecord>("a");
        await Storage.ClearStateAsync(Kind, Id("a"), theirs);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(mine, mine.State));
        Assert.False((await Read<TestRecord>("a")).RecordExists);
    }

    [SkippableFact]
    public async Task An_etag_never_comes_back_after_a_record_was_cleared_and_written_again()
    {
        var stale = await Write("a", new());
        var other = await Read<TestRecord>("a");
        await Storage.ClearStateAsync(Kind, Id("a"), other);
        await Write("a", new() { Name = "second life" });
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(stale, stale.State));
    }

    [SkippableFact]
    public async Task Clearing_removes_the_record_its_references_and_its_keys()
    {
        var state = await Write("a", new() { Nodes = new Dictionary<string, string> { ["node"] = "n1" }, Keys = ["k"] });
        await Storage.ClearStateAsync(Kind, Id("a"), state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Empty(await Index.ListIds(new ResourceQuery(Kind).WithRef("node", "n1"), default));
        Assert.Null(await Index.FindByUniqueKey("k", default));
        await Storage.ClearStateAsync(Kind, Id("a"), state);
    }

    [SkippableFact]
    public async Task A_unique_key_has_one_holder_and_a_second_one_is_refused_whole()
    {
        await Write("a", new() { Keys = ["user/default/alice"] });
        var refused = await Assert.ThrowsAsync<DuplicateKeyException>(
            () => Write("b", new() { Keys = ["user/default/bob", "user/default/alice"], Events = [Event("b")] }));
        Assert.Equal("user/default/alice", refused.Key);
        Assert.Equal((Kind, "a"), await Index.FindByUniqueKey("user/default/alice", default));
        Assert.Null(await Index.FindByUniqueKey("user/default/bob", default));
        Assert.False((await Read<TestRecord>("b")).RecordExists);
        Assert.Empty(await Outbox.Read("c", 10, default));
    }

    [SkippableFact]
    public async Task A_key_that_was_given_up_can_be_taken_by_another()
    {
        var first = await Write("a", new() { Keys = ["k1", "k2"] });
        await Write(first, first.State with { Keys = ["k2"] });
        await Write("b", new() { Keys = ["k1"] });
        Assert.Equal((Kind, "b"), await Index.FindByUniqueKey("k1", default));
        Assert.Equal((Kind, "a"), await Index.FindByUniqueKey("k2", default));
    }

    [SkippableFact]
    public async Task References_follow_the_record()
    {
        var state = await Write("a", new() { Nodes = new Dictionary<string, string> { ["node"] = "n1", ["image"] = "i1" } });
        await Write(state, state.State with { Nodes = new Dictionary<string, string> { ["node"] = "n2", ["image"] = "i1" } });
        Assert.Empty(await Index.ListIds(new ResourceQuery(Kind).WithRef("node", "n1"), default));
        Assert.Equal(["a"], await Index.ListIds(new ResourceQuery(Kind).WithRef("node", "n2").WithRef("image", "i1"), default));
    }

    [SkippableFact]
    public async Task Events_leave_with_the_write_once_and_the_record_forgets_them()
    {
        var state = await Write("a", new() { Project = "p", Events = [Event("start"), Event("end")] });
        Assert.Empty(state.State.Events);
        await Write(state, state.State with { Name = "no news" });
        var events = await Outbox.Read("consumer", 10, default);
        Assert.Equal(["start", "end"], events.Select(one => one.Event.Type));
        Assert.All(events, one => Assert.Equal((Kind, "a", "p"), (one.Kind, one.Id, one.ProjectId)));
    }

    [SkippableFact]
    public async Task A_refused_write_keeps_its_events_for_the_next_try()
    {
        await Write("a", new() { Keys = ["k"] });
        var state = new GrainState<TestRecord>(new() { Keys = ["k"], Events = [Event("made")] });
        await Assert.ThrowsAsync<DuplicateKeyException>(() => Storage.WriteStateAsync(Kind, Id("b"), state));
        Assert.Single(state.State.Events);
    }

    [SkippableFact]
    public async Task The_last_events_of_a_cleared_record_are_kept()
    {
        var state = await Write("a", new() { Project = "p" });
        state.State = state.State with { Events = [Event("gone")] };
        await Storage.ClearStateAsync(Kind, Id("a"), state);
        Assert.Equal(("gone", "p"), (await Outbox.Read("c", 10, default)).Select(one => (one.Event.Type, one.ProjectId!)).Single());
    }

    [SkippableFact]
    public async Task Each_consumer_of_the_outbox_has_its_own_cursor_that_never_moves_back()
    {
        await Write("a", new() { Events = [Event("1"), Event("2"), Event("3")] });
        var all = await Outbox.Read("x", 10, default);
        Assert.Equal(2, (await Outbox.Read("x", 2, default)).Count);
        await Outbox.Advance("x", all[1].Seq, default);
        await Outbox.Advance("x", all[0].Seq, default);
        Assert.Equal(["3"], (await Outbox.Read("x", 10, default)).Select(one => one.Event.Type));
        Assert.Equal(3, (await Outbox.Read("y", 10, default)).Count);
    }

    [SkippableFact]
    public async Task Events_that_every_consumer_has_passed_are_removed_and_others_kept()
    {
        await Write("a", new() { Events = [Event("1"), Event("2"), Event("3")] });
        await Outbox.Prune(default);
        var all = await Outbox.Read("x", 10, default);
        Assert.Equal(3, all.Count);
        await Outbox.Advance("x", all[2].Seq, default);
        await Outbox.Advance("y", all[0].Seq, default);
        await Outbox.Prune(default);
        Assert.Equal(["2", "3"], (await Outbox.Read("z", 10, default)).Select(one => one.Event.Type));
    }

    [SkippableFact]
    public async Task Events_older_than_a_week_are_removed_unread()
    {
        var old = new ResourceEvent("old", DateTimeOffset.UtcNow.AddDays(-8), "{}");
        await Write("a", new() { Events = [old, Event("new")] });
        await Outbox.Prune(default);
        Assert.Equal(["new"], (await Outbox.Read("z", 10, default)).Select(one => one.Event.Type));
    }

    [SkippableFact]
    public async Task The_version_of_a_kind_grows_with_its_writes_alone()
    {
        var before = await Index.Version(Kind, default);
        Assert.Equal(before, await Index.Version(Kind, default));
        var state = await Write("a", new());
        var after = await Index.Version(Kind, default);
        Assert.True(after > before);
        await Storage.WriteStateAsync("other", Id("a"), new GrainState<PlainRecord>(new("x")));
        Assert.Equal(after, await Index.Version(Kind, default));
        await Storage.ClearStateAsync(Kind, Id("a"), state);
        Assert.True(await Index.Version(Kind, default) > after);
        Assert.Equal(
            await Index.Version(Kind, default) + await Index.Version("nobody's", default),
            await Index.Version([Kind, "nobody's"], default));
    }

    [SkippableFact]
    public async Task Many_writers_of_one_record_lose_no_update()
    {
        await Write("counter", new() { Name = "0" });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var state = await Read<TestRecord>("counter");
                try
                {
                    await Write(state, state.State with { Name = $"{int.Parse(state.State.Name!) + 1}" }, "counter");
                    done++;
                }
                catch (InconsistentStateException)
                {
                    // Another writer was first: read again, as an activation would.
                }
            }
        })));
        Assert.Equal("200", (await Read<TestRecord>("counter")).State.Name);
    }

    [SkippableFact]
    public async Task A_refused_write_does_not_harm_those_that_share_its_transaction()
    {
        await Write("taken", new() { Keys = ["k"] });
        var writes = Enumerable.Range(0, 200).Select(i => Write($"r{i}", new() { Keys = i % 2 == 0 ? ["k"] : [] })).ToList();
        await Task.WhenAll(writes.Select(async write => await Record.ExceptionAsync(() => write)));
        Assert.All(writes.Where((_, i) => i % 2 == 0), write => Assert.IsType<DuplicateKeyException>(write.Exception!.InnerException));
        Assert.Equal(101, await Index.Count(new(Kind), default));
    }

    private protected static ResourceEvent Event(string type) => new(type, DateTimeOffset.UtcNow, "{}");

    private protected static GrainId Id(string key) => GrainId.Create("test", key);

    private protected async Task<GrainState<T>> Read<T>(string key)
    {
        var state = new GrainState<T>();
        await Storage.ReadStateAsync(Kind, Id(key), state);
        return state;
    }

    private protected async Task<GrainState<TestRecord>> Write(string key, TestRecord record)
    {
        var state = new GrainState<TestRecord>(record);
        await Storage.WriteStateAsync(Kind, Id(key), state);
        return state;
    }

    private protected Task Write(GrainState<TestRecord> state, TestRecord record, string key = "a")
    {
        state.State = record;
        return Storage.WriteStateAsync(Kind, Id(key), state);
    }
}
