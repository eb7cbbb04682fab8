using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Tests.Kit;
using Npgsql;

namespace Fabric.Tests.Storage;

/// <summary>The index's contract on PostgreSQL, and its plans.</summary>
public sealed class PostgresIndexTests : ResourceIndexContract
{
    private readonly PostgresFixture postgres = new();

    private protected override IRecordDatabase Database => postgres.Database;

    public override async Task InitializeAsync()
    {
        await postgres.Open();
        await base.InitializeAsync();
    }

    public override Task DisposeAsync() => postgres.DisposeAsync().AsTask();

    [SkippableFact]
    public async Task No_list_scans_a_table()
    {
        HashSet<string> plans = [];
        await postgres.Run("ANALYZE");
        Always.Holds(Queries(), query =>
        {
            object marker = query.Sort is ResourceSort.CreatedAt or ResourceSort.UpdatedAt ? 5L : "m";
            foreach (var paged in new[] { query, query with { Paging = new(10, "m") } })
            {
                var built = PostgresQuery.Rows(paged, paged.Paging is null ? null : marker, 10, withDocs: true);
                foreach (var line in Plan(built))
                {
                    plans.Add(line);
                    Assert.False(line.Contains("Seq Scan", StringComparison.Ordinal), $"{line}: {built.Sql}");
                }
            }
        });
        Assert.Contains(plans, plan => plan.Contains("Index Scan", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_page_of_a_project_among_many_comes_sorted_out_of_its_index()
    {
        await postgres.Run("""
            INSERT INTO resource SELECT 'many', 'i' || n, 'p' || n % 100, '', '', n, n, -n, NULL, NULL, '{}'
            FROM generate_series(1, 20000) n
            """);
        await postgres.Run("ANALYZE resource");
        var plan = Plan(PostgresQuery.Rows(new("many") { ProjectId = "p1", Paging = new(10, "m") }, 5_000L, 10, withDocs: true));
        Assert.Contains(plan, line => line.Contains("resource_by_project", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Sort", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Everything_is_there_after_the_database_was_opened_anew()
    {
        var before = await new ResourceIndex(Database).ListIds(new("test"), default);
        await postgres.Reopen();
        Assert.Equal(before, await new ResourceIndex(Database).ListIds(new("test"), default));
    }

    [SkippableFact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await postgres.Run("INSERT INTO migration (number, name) VALUES (9999, 'from the future')");
        await Assert.ThrowsAsync<InvalidOperationException>(postgres.Reopen);
    }

    [SkippableFact]
    public async Task Many_that_migrate_at_once_do_it_once()
    {
        var connection = await PrivatePostgres.Database();
        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostgresFixture.Open(connection)));
        Assert.Empty(await new ResourceIndex(opened[0]).ListIds(new("test"), default));
        foreach (var one in opened)
            await one.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_text_that_the_database_cannot_hold_finds_nothing()
    {
        var index = new ResourceIndex(Database);
        Assert.Null(await index.Find<TestRecord>("test", "a\0b", default));
        Assert.Null(await index.FindByUniqueKey("a\0b", default));
        Assert.Empty(await index.ListIds(new("test") { Names = ["a\0b"] }, default));
        Assert.Equal(0, await index.Count(new("test") { ProjectId = "\0" }, default));
        Assert.NotEmpty(await index.ListIds(new("test") { Names = ["a\0b", "n1"] }, default));
    }

    private List<string> Plan(PostgresQuery query) => Database switch
    {
        PostgresDatabase database => database.Connections.Read(connection => Plan(connection, query), default).AsTask().Result,
        _ => [],
    };

    private static async Task<List<string>> Plan(NpgsqlConnection connection, PostgresQuery query)
    {
        await using var command = query.Command(connection, "EXPLAIN ");
        await using var rows = await command.ExecuteReaderAsync();
        List<string> plan = [];
        while (await rows.ReadAsync())
            plan.Add(rows.GetString(0));
        return plan;
    }
}
