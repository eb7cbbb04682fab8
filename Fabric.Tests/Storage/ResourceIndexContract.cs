using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;
using FsCheck;
using FsCheck.Fluent;

namespace Fabric.Tests.Storage;

/// <summary>What every list promises, on every database. The model is a list in memory, asked the slow and obvious way.</summary>
public abstract class ResourceIndexContract : IAsyncLifetime
{
    private const string Kind = "test";
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, TestRecord> model = new(StringComparer.Ordinal);

    private protected abstract IRecordDatabase Database { get; }

    private ResourceIndex Index => new(Database);

    public abstract Task DisposeAsync();

    /// <summary>Opens the database; then some 120 records with few distinct values, so that ties are many.</summary>
    public virtual async Task InitializeAsync()
    {
        var storage = new RecordGrainStorage(Database, TimeProvider.System);
        for (var i = 0; i < 120; i++)
        {
            var record = new TestRecord
            {
                Project = i % 3 == 0 ? null : $"p{i % 3}",
                Name = i % 7 == 0 ? null : $"n{i % 5}",
                Status = $"S{i % 4}",
                Created = Epoch.AddMinutes(i % 11),
                Updated = Epoch.AddMinutes(i % 13),
                Nodes = new Dictionary<string, string> { ["node"] = $"node{i % 6}", ["image"] = $"image{i % 2}" },
            };
            var id = $"{(i * 7919) % 1000:000}-{i}";
            model.Add(id, record);
            await storage.WriteStateAsync(Kind, GrainId.Create("test", id), new GrainState<TestRecord>(record));
        }

        await storage.WriteStateAsync("other", GrainId.Create("test", "x"), new GrainState<TestRecord>(new() { Project = "p1" }));
    }

    [SkippableFact]
    public void A_list_is_what_a_slow_and_obvious_search_finds() => Always.Holds(Queries(), query =>
    {
        var expected = Search(query).ToList();
        Assert.Equal(expected, Index.ListIds(query, default).Result);
        Assert.Equal(expected.Count, Index.Count(query, default).Result);
    });

    [SkippableFact]
    public void Following_the_pages_yields_each_record_once_for_any_limit() =>
        Always.Holds(Queries().Zip(Pick.Number(1, 50)), asked =>
        {
            var (query, limit) = asked;
            List<string> seen = [];
            for (string? marker = null; ;)
            {
                var page = Index.ListIds(query with { Paging = new(limit, marker) }, default).Result;
                seen.AddRange(page);
                if (page.Count < limit)
                    break;
                marker = page[^1];
            }

            Assert.Equal(Search(query), seen);
        });

    [SkippableFact]
    public void A_page_towards_the_beginning_ends_just_before_its_marker() =>
        Always.Holds(Queries().Zip(Pick.Number(1, 50)), asked =>
        {
            var (query, limit) = asked;
            var all = Search(query).ToList();
            if (all.Count == 0)
                return;
            var marker = all.Count / 2;
            var page = Index.ListIds(query with { Paging = new(limit, all[marker], Reverse: true) }, default).Result;
            Assert.Equal(all.Take(marker).TakeLast(limit), page);
        });

    [SkippableFact]
    public async Task A_predicate_is_asked_before_the_limit_is_counted()
    {
        var query = new ResourceQuery(Kind) { Where = record => ((TestRecord)record).Status == "S2", Paging = new(5) };
        var found = await Index.List<TestRecord>(query, default);
        Assert.Equal(5, found.Count);
        Assert.All(found, record => Assert.Equal("S2", record.Status));
    }

    [SkippableFact]
    public async Task An_unknown_marker_is_a_fault_never_an_empty_page()
    {
        var query = new ResourceQuery(Kind) { Paging = new(10, "nobody") };
        var fault = await Assert.ThrowsAsync<Fault>(() => Index.ListIds(query, default));
        Assert.Equal((FaultKind.BadRequest, "MarkerNotFound"), (fault.Kind, fault.Type));
    }

    [SkippableFact]
    public async Task What_was_written_is_in_the_list_as_soon_as_the_write_returned()
    {
        var storage = new RecordGrainStorage(Database, TimeProvider.System);
        for (var i = 0; i < 50; i++)
        {
            var id = $"new-{i}";
            await storage.WriteStateAsync(Kind, GrainId.Create("test", id), new GrainState<TestRecord>(new() { Name = id }));
            Assert.Equal([id], await Index.ListIds(new(Kind) { Names = [id] }, default));
        }
    }

    private protected static Gen<ResourceQuery> Queries() =>
        from project in Pick.OneOf<string?>(null, null, "p1", "p2", "nobody")
        from names in Pick.OneOf<string[]?>(null, null, ["n1"], ["n1", "n3"], [])
        from statuses in Pick.OneOf<string[]?>(null, null, ["S1"], ["S0", "S2", "S3"])
        from ids in Pick.OneOf<string[]?>(null, null, null, ["000-0", "919-1", "838-2", "757-3"], ["nobody"])
        from node in Pick.OneOf<string[]?>(null, null, ["node1"], ["node1", "node4"])
        from image in Pick.OneOf<string[]?>(null, null, null, ["image1"])
        from since in Pick.OneOf<int?>(null, null, 3, 12)
        from before in Pick.OneOf<int?>(null, null, 7)
        from sort in Pick.OneOf(Enum.GetValues<ResourceSort>())
        from newestFirst in Pick.OneOf(true, false)
        select new ResourceQuery(Kind)
        {
            ProjectId = project,
            Names = names,
            Statuses = statuses,
            Ids = ids,
            Refs = [.. Ref("node", node), .. Ref("image", image)],
            ChangedSince = since is { } first ? Epoch.AddMinutes(first) : null,
            UnchangedSince = before is { } last ? Epoch.AddMinutes(last) : null,
            Sort = sort,
            Descending = newestFirst,
        };

    private static IEnumerable<(string Name, IReadOnlyList<string> Values)> Ref(string name, string[]? values) =>
        values is null ? [] : [(name, values)];

    private IEnumerable<string> Search(ResourceQuery query)
    {
        var found = model.Where(one => Matches(query, one.Key, one.Value)).ToList();
        found.Sort((left, right) =>
        {
            var order = Compare(query.Sort, left.Value, right.Value);
            order = order != 0 ? order : string.CompareOrdinal(left.Key, right.Key);
            return query.Descending ? -order : order;
        });
        return found.Select(static one => one.Key);
    }

    private static bool Matches(ResourceQuery query, string id, TestRecord record) =>
        (query.ProjectId is null || query.ProjectId == record.Project)
        && query.Ids?.Contains(id) != false
        && query.Names?.Contains(record.Name ?? "") != false
        && query.Statuses?.Contains(record.Status!) != false
        && query.Refs.All(wanted => wanted.Values.Contains(record.Nodes[wanted.Name]))
        && (query.ChangedSince is null || record.Updated >= query.ChangedSince)
        && (query.UnchangedSince is null || record.Updated < query.UnchangedSince);

    private static int Compare(ResourceSort sort, TestRecord left, TestRecord right) => sort switch
    {
        ResourceSort.CreatedAt => left.Created.CompareTo(right.Created),
        ResourceSort.UpdatedAt => left.Updated.CompareTo(right.Updated),
        ResourceSort.Name => string.CompareOrdinal(left.Name ?? "", right.Name ?? ""),
        ResourceSort.Status => string.CompareOrdinal(left.Status, right.Status),
        _ => 0,
    };
}
