using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Sqlite;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Storage;

/// <summary>The index's contract on SQLite, and its plans.</summary>
public sealed class SqliteIndexTests : ResourceIndexContract
{
    private readonly SqliteFixture sqlite = new();

    private protected override IRecordDatabase Database => sqlite.Database;

    public override async Task InitializeAsync()
    {
        await sqlite.Database.Open(default);
        await base.InitializeAsync();
    }

    public override Task DisposeAsync() => sqlite.DisposeAsync().AsTask();

    [Fact]
    public void No_list_scans_the_table()
    {
        using var session = new SqliteSession(sqlite.File, readOnly: true);
        HashSet<string> plans = [];
        Always.Holds(Queries(), query =>
        {
            object marker = query.Sort is ResourceSort.CreatedAt or ResourceSort.UpdatedAt ? 5L : "m";
            foreach (var paged in new[] { query, query with { Paging = new(10, "m") } })
            {
                var built = SqliteQuery.Rows(paged, paged.Paging is null ? null : marker, 10, withDocs: true);
                using var plan = session.Statement("EXPLAIN QUERY PLAN " + built.Sql);
                while (plan.Step())
                {
                    plans.Add(plan.Text(3));
                    // json_each is the list of wanted values itself, handed over as one parameter.
                    if (!plan.Text(3).Contains("json_each", StringComparison.Ordinal))
                        Assert.False(plan.Text(3).StartsWith("SCAN", StringComparison.Ordinal), $"{plan.Text(3)}: {built.Sql}");
                }
            }
        });
        Assert.Contains(plans, plan => plan.StartsWith("SEARCH resource USING INDEX resource_by_project", StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_of_a_project_needs_no_sorting()
    {
        using var session = new SqliteSession(sqlite.File, readOnly: true);
        var built = SqliteQuery.Rows(new("test") { ProjectId = "p1", Paging = new(10, "m") }, 5L, 10, withDocs: true);
        using var plan = session.Statement("EXPLAIN QUERY PLAN " + built.Sql);
        while (plan.Step())
            Assert.DoesNotContain("TEMP B-TREE", plan.Text(3), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_is_there_after_the_file_was_opened_anew()
    {
        var before = await new ResourceIndex(Database).ListIds(new("test"), default);
        await sqlite.Reopen();
        Assert.Equal(before, await new ResourceIndex(Database).ListIds(new("test"), default));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        using (var session = new SqliteSession(sqlite.File, readOnly: false))
            session.Execute("INSERT INTO migration (number, name) VALUES (9999, 'from the future')");
        await Assert.ThrowsAsync<InvalidOperationException>(sqlite.Reopen);
    }

    [Fact]
    public async Task Two_that_migrate_at_once_do_it_once()
    {
        await using var fixture = new SqliteFixture();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => fixture.Database.Open(default)));
        Assert.Empty(await new ResourceIndex(fixture.Database).ListIds(new("test"), default));
    }
}
