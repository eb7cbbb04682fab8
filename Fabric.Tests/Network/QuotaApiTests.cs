using System.Net.Http.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class QuotaApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task A_quota_is_shown_set_enforced_and_reset()
    {
        var project = (await demo.Get("quotas/project")).GetProperty("project").Text("project_id");
        Assert.Equal(100, (await demo.Get($"quotas/{project}")).GetProperty("quota").GetProperty("network").GetInt32());
        await demo.Act($"quotas/{project}", new { quota = new { network = 5 } }, 403);
        await admin.Act($"quotas/{project}", new { quota = new { network = 2 } });
        await demo.Make("networks", new { name = "one" });
        // Together they want one too many: which of them gets the last place is open, but only one does.
        var answers = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => demo.PostAsJsonAsync($"{NetworkCalls.Root}/networks", new { network = new { name = "last" } })));
        Assert.Equal([201, 409, 409, 409], answers.Select(static answer => (int)answer.StatusCode).Order());
        var error = await demo.Make("networks", new { name = "over" }, 409);
        Assert.Equal(["OverQuota", "Quota exceeded for resources: ['network']."], [error.Text("type"), error.Text("message")]);
        var details = (await demo.Get($"quotas/{project}/details")).GetProperty("quota").GetProperty("network");
        Assert.Equal([2, 2, 0], [details.GetProperty("limit").GetInt32(), details.GetProperty("used")
            .GetInt32(), details.GetProperty("reserved").GetInt32()]);
        await admin.Remove("quotas", project);
        await demo.Make("networks", new { name = "again" });
        Assert.Equal(500, (await demo.Get($"quotas/{project}/default")).GetProperty("quota").GetProperty("port").GetInt32());
    }

    [Theory]
    [InlineData("""{"quota": {"network": -2}}""")]
    [InlineData("""{"quota": {"network": "many"}}""")]
    [InlineData("""{"quota": {"nonsense": 1}}""")]
    [InlineData("{}")]
    public async Task A_quota_that_makes_no_sense_is_refused(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        await (await admin.PutAsync($"{NetworkCalls.Root}/quotas/some-project", content)).Json(400);
    }

    [Fact]
    public async Task Another_projects_quota_is_an_admins_to_see()
    {
        await demo.Get("quotas/some-project", 403);
        await admin.Get("quotas/some-project");
    }
}
