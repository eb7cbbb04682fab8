using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

public sealed class ServerListTests(ComputeFixture fixture) : IClassFixture<ComputeFixture>, IAsyncLifetime
{
    private readonly ComputeClient admin = fixture.AdminCompute;
    private readonly ComputeClient demo = fixture.DemoCompute;
    private readonly List<string> ids = [];

    public async Task InitializeAsync()
    {
        foreach (var name in (string[])["ant", "bee", "cat", "bat"])
            ids.Add(await demo.Boot(name, ("tags", new[] { name[..1] })));
    }

    public async Task DisposeAsync()
    {
        foreach (var id in ids)
            await demo.Delete(id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Following_the_links_gives_each_server_once(int limit)
    {
        var seen = new List<string>();
        var path = $"/servers?limit={limit}";
        while (path is not null)
        {
            var page = await demo.Do(200, "GET", path);
            seen.AddRange(Names(page));
            path = page.TryGetProperty("servers_links", out var links)
                ? links[0].GetProperty("href").GetString()!.Split(ComputeClient.Root)[1]
                : null;
        }

        Assert.Equal(["bat", "cat", "bee", "ant"], seen);
    }

    [Theory]
    [InlineData("name=b", "bat,bee")]
    [InlineData("name=%5Ebat%24", "bat")]
    [InlineData("status=ACTIVE&sort_key=display_name&sort_dir=asc", "ant,bat,bee,cat")]
    [InlineData("status=SHUTOFF", "")]
    [InlineData("status=PAUSED", "")]
    [InlineData("tags=b", "bat,bee")]
    [InlineData("not-tags-any=a,b", "cat")]
    [InlineData("flavor=tiny&sort_key=hostname&sort_dir=desc", "cat,bee,bat,ant")]
    [InlineData("flavor=other", "")]
    [InlineData("changes-since=2020-01-01T00:00:00Z&limit=1", "bat")]
    [InlineData("changes-since=2100-01-01T00:00:00Z", "")]
    [InlineData("limit=0", "")]
    [InlineData("host=sim-0001&name=ant", "ant")]
    public async Task Filters_and_orders_hold(string query, string names)
    {
        var page = await demo.Do(200, "GET", "/servers/detail?" + query);
        Assert.Equal(names, string.Join(',', Names(page)));
    }

    [Theory]
    [InlineData("limit=-1")]
    [InlineData("limit=x")]
    [InlineData("marker=f3b7a1de-0000-4000-8000-000000000000")]
    [InlineData("status=NONSENSE")]
    [InlineData("name=%28")]
    [InlineData("changes-since=yesterday")]
    [InlineData("changes-since=2011%2F01%2F01")]
    [InlineData("sort_key=nonsense")]
    [InlineData("nonsense=1")]
    public async Task A_bad_query_is_a_bad_request(string query) => await demo.Fails(400, "GET", "/servers?" + query);

    [Fact]
    public async Task Old_versions_ignore_what_they_do_not_know()
    {
        Assert.Equal(4, Names(await demo.Do(200, "GET", "/servers?nonsense=1", version: "2.74")).Count());
        Assert.Empty(Names(await demo.Do(200, "GET", "/servers?status=NONSENSE", version: "2.37")));
    }

    [Fact]
    public async Task Only_an_administrator_sees_all_projects()
    {
        Assert.Contains("Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.",
            await demo.Fails(403, "GET", "/servers?all_tenants=1"), StringComparison.Ordinal);
        var all = Names(await admin.Do(200, "GET", "/servers?all_tenants=1"));
        Assert.Superset(new HashSet<string>(["ant", "bat", "bee", "cat"]), all.ToHashSet());
        Assert.DoesNotContain("ant", Names(await admin.Do(200, "GET", "/servers")));
    }

    private static IEnumerable<string> Names(JsonElement page) =>
        page.GetProperty("servers").EnumerateArray().Select(static server => server.GetProperty("name").GetString()!);
}
