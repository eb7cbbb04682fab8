using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

public sealed class QuotaApiTests(ComputeFixture fixture) : IClassFixture<ComputeFixture>, IAsyncLifetime
{
    private readonly ComputeClient admin = fixture.AdminCompute;
    private readonly ComputeClient demo = fixture.DemoCompute;
    private string project = "";

    public async Task InitializeAsync()
    {
        var id = await demo.Create("whose");
        project = (await demo.Show(id)).GetProperty("tenant_id").GetString()!;
        await demo.Delete(id);
    }

    public async Task DisposeAsync() => await admin.Do(202, "DELETE", "/os-quota-sets/" + project);

    [Fact]
    public async Task Many_requests_at_once_take_no_more_than_the_quota()
    {
        await Set(new { instances = 5 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => demo.Send("POST", "/servers", demo.NewServer($"q{n}"))));
        Assert.Equal(5, answers.Count(static answer => (int)answer.StatusCode == 202));
        Assert.Equal(15, answers.Count(static answer => (int)answer.StatusCode == 403));
        Assert.Equal("Quota exceeded for instances: Requested 1, but already used 5 of 5 instances",
            await demo.Fails(403, "POST", "/servers", demo.NewServer("more")));
        var absolute = (await demo.Do(200, "GET", "/limits")).GetProperty("limits").GetProperty("absolute");
        Assert.Equal((5, 5), (absolute.GetProperty("totalInstancesUsed").GetInt32(), absolute.GetProperty("maxTotalInstances").GetInt32()));
        await DeleteAll();
        await Eventually.True(
            async () => (await demo.Do(200, "GET", $"/os-quota-sets/{project}/detail")).GetProperty("quota_set").GetProperty("instances")
                .GetProperty("in_use").GetInt32() == 0,
            "what was deleted is not counted");
    }

    [Fact]
    public async Task A_request_for_several_takes_what_fits()
    {
        await Set(new { instances = 3 });
        var body = demo.NewServer("several", ("min_count", 2), ("max_count", 9), ("return_reservation_id", true));
        var reservation = (await demo.Do(202, "POST", "/servers", body)).GetProperty("reservation_id").GetString()!;
        Assert.StartsWith("r-", reservation, StringComparison.Ordinal);
        var names = (await demo.Do(200, "GET", "/servers?reservation_id=" + reservation + "&sort_key=display_name&sort_dir=asc"))
            .GetProperty("servers").EnumerateArray().Select(static server => server.GetProperty("name").GetString());
        Assert.Equal(["several-1", "several-2", "several-3"], names);
        await DeleteAll();
    }

    [Fact]
    public async Task Limits_are_an_administrators_to_set()
    {
        await demo.Fails(403, "PUT", "/os-quota-sets/" + project, new { quota_set = new { cores = 1 } });
        await demo.Fails(403, "GET", "/os-quota-sets/another-project");
        await Set(new { cores = 7 });
        Assert.Equal(7, (await demo.Do(200, "GET", "/os-quota-sets/" + project)).GetProperty("quota_set").GetProperty("cores").GetInt32());
        var defaults = await demo.Do(200, "GET", $"/os-quota-sets/{project}/defaults");
        Assert.Equal(20, defaults.GetProperty("quota_set").GetProperty("cores").GetInt32());
    }

    [Fact]
    public async Task A_user_is_held_to_its_own_limit_and_to_its_projects()
    {
        await Set(new { instances = 3, cores = 6 });
        var id = await demo.Boot("first");
        var user = (await demo.Show(id)).GetProperty("user_id").GetString()!;
        await SetUser(user, new { instances = 1 });
        Assert.Equal("Quota exceeded for instances: Requested 1, but already used 1 of 1 instances",
            await demo.Fails(403, "POST", "/servers", demo.NewServer("second")));
        Assert.Equal((1, 3), (await Limit("instances", user), await Limit("instances")));

        // What was not set for the user is the project's, and what another one uses is not the user's.
        Assert.Equal(6, await Limit("cores", user));
        Assert.Equal((1, 0), (await InUse(user), await InUse("somebody")));
        await SetUser(user, new { instances = 3 });
        await Set(new { instances = 1, force = true });
        Assert.Equal("Quota exceeded for instances: Requested 1, but already used 1 of 1 instances",
            await demo.Fails(403, "POST", "/servers", demo.NewServer("second")));
        await admin.Do(202, "DELETE", $"/os-quota-sets/{project}?user_id={user}");
        await Set(new { instances = 2 });
        Assert.Equal(2, await Limit("instances", user));
        await demo.Delete(await demo.Boot("second"));
        await demo.Delete(id);
    }

    [Fact]
    public async Task Users_are_given_no_more_than_their_project_has()
    {
        await Set(new { instances = 5 });
        await SetUser("one", new { instances = 3 });
        Assert.Equal("Quota limit 3 for instances must be less than or equal to 2.",
            await admin.Fails(400, "PUT", $"/os-quota-sets/{project}?user_id=two", new { quota_set = new { instances = 3 } }));
        await SetUser("two", new { instances = 2 });
        Assert.Equal("Quota limit 4 for instances must be greater than or equal to already used and reserved 5.",
            await admin.Fails(400, "PUT", "/os-quota-sets/" + project, new { quota_set = new { instances = 4 } }));
        await SetUser("two", new { instances = 9, force = true });
        Assert.Equal((3, 9), (await Limit("instances", "one"), await Limit("instances", "two")));
        await demo.Fails(403, "PUT", $"/os-quota-sets/{project}?user_id=one", new { quota_set = new { instances = 1 } });

        // The project's deletion takes its users' limits along.
        await admin.Do(202, "DELETE", "/os-quota-sets/" + project);
        Assert.Equal(10, await Limit("instances", "two"));
    }

    [Fact]
    public async Task A_limit_below_what_is_used_must_be_forced()
    {
        var id = await demo.Boot("used");
        Assert.Equal("Quota limit 0 for instances must be greater than or equal to already used and reserved 1.",
            await admin.Fails(400, "PUT", "/os-quota-sets/" + project, new { quota_set = new { instances = 0 } }));
        await Set(new { instances = 0, force = true });
        await demo.Delete(id);
    }

    [Fact]
    public async Task The_default_class_holds_for_all()
    {
        await admin.Do(200, "PUT", "/os-quota-class-sets/default", new { quota_class_set = new { metadata_items = 2 } });
        var body = demo.NewServer("meta", ("metadata", new { a = "1", b = "2", c = "3" }));
        Assert.Equal("Maximum number of metadata items exceeds 2", await demo.Fails(403, "POST", "/servers", body));
        await admin.Do(200, "PUT", "/os-quota-class-sets/default", new { quota_class_set = new { metadata_items = 128 } });
    }

    [Fact]
    public async Task Server_groups_are_counted()
    {
        await Set(new { server_groups = 1 });
        var group = (await demo.Do(200, "POST", "/os-server-groups", new { server_group = new { name = "g", policy = "anti-affinity" } }))
            .GetProperty("server_group").GetProperty("id").GetString();
        Assert.Equal("Quota exceeded, too many server groups.",
            await demo.Fails(403, "POST", "/os-server-groups", new { server_group = new { name = "h", policy = "affinity" } }));
        await admin.Do(200, "GET", "/os-server-groups/" + group);
        await demo.Do(204, "DELETE", "/os-server-groups/" + group);
        await demo.Fails(404, "GET", "/os-server-groups/" + group);
    }

    private Task SetUser(string user, object quotas) =>
        admin.Do(200, "PUT", $"/os-quota-sets/{project}?user_id={user}", new { quota_set = quotas });

    private async Task<int> Limit(string name, string? user = null) =>
        (await admin.Do(200, "GET", $"/os-quota-sets/{project}{(user is null ? "" : "?user_id=" + user)}")).GetProperty("quota_set")
            .GetProperty(name).GetInt32();

    private async Task<int> InUse(string user) =>
        (await admin.Do(200, "GET", $"/os-quota-sets/{project}/detail?user_id={user}")).GetProperty("quota_set")
            .GetProperty("instances").GetProperty("in_use").GetInt32();

    private Task Set(object quotas) => admin.Do(200, "PUT", "/os-quota-sets/" + project, new { quota_set = quotas });

    private async Task DeleteAll()
    {
        foreach (var server in (await demo.Do(200, "GET", "/servers")).GetProperty("servers").EnumerateArray())
            await demo.Delete(server.GetProperty("id").GetString()!);
    }
}
