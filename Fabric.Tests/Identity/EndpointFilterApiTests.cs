using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class EndpointFilterApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_project_for_which_endpoints_were_chosen_sees_these_alone()
    {
        var (user, project, _) = await cloud.Someone("reader");
        var service = await cloud.Service();
        var (here, there) = (await Endpoint(service, "public"), await Endpoint(service, "internal"));
        Assert.True((await Catalog(user, project)).Count > 2);
        var path = $"/OS-EP-FILTER/projects/{project}/endpoints/{here}";
        Assert.Equal((404, $"Endpoint {here} not found in project {project}"),
            await StatusOf("GET", path));

        Assert.Equal(204, (await cloud.Send("PUT", path, null, cloud.Admin)).Status);

        Assert.Equal([here], await Catalog(user, project));
        Assert.Equal((409, "Conflict occurred attempting to store project_endpoint - Duplicate entry."), await StatusOf("PUT", path));
        Assert.Equal(204, (await cloud.Send("HEAD", path, null, cloud.Admin)).Status);
        Assert.Equal([here], Ids(await cloud.Do("GET", $"/OS-EP-FILTER/projects/{project}/endpoints"), "endpoints"));
        Assert.Equal([project], Ids(await cloud.Do("GET", $"/OS-EP-FILTER/endpoints/{here}/projects"), "projects"));

        var group = (await cloud.Do("POST", "/OS-EP-FILTER/endpoint_groups", new { endpoint_group = new { name = "inner", filters = new {
            service_id = service, @interface = "internal" } } })).GetProperty("endpoint_group");
        var id = group.GetProperty("id").GetString();
        Assert.EndsWith("/identity/v3/OS-EP-FILTER/endpoint_groups/" + id, group.GetProperty("links").GetProperty("self").GetString());
        Assert.Equal([there], Ids(await cloud.Do("GET", $"/OS-EP-FILTER/endpoint_groups/{id}/endpoints"), "endpoints"));
        var link = $"/OS-EP-FILTER/endpoint_groups/{id}/projects/{project}";
        Assert.Equal((404, "Endpoint Group Project Association not found"), await StatusOf("GET", link));
        Assert.Equal(204, (await cloud.Send("PUT", link, null, cloud.Admin)).Status);
        Assert.Equal(project, (await cloud.Do("GET", link)).GetProperty("project_endpoint_group").GetProperty("project_id").GetString());
        Assert.Equal(new[] { here, there }.Order(), (await Catalog(user, project)).Order());
        Assert.Equal([id!], Ids(await cloud.Do("GET", $"/OS-EP-FILTER/projects/{project}/endpoint_groups"), "endpoint_groups"));
        Assert.Equal([project], Ids(await cloud.Do("GET", $"/OS-EP-FILTER/endpoint_groups/{id}/projects"), "projects"));

        await cloud.Do("DELETE", "/endpoints/" + here);
        Assert.Equal([there], await Catalog(user, project));
        await cloud.Do("PATCH", "/OS-EP-FILTER/endpoint_groups/" + id,
            new { endpoint_group = new { filters = new { service_id = service, @interface = "admin" } } });
        Assert.True((await Catalog(user, project)).Count > 2);
        await cloud.Do("DELETE", "/OS-EP-FILTER/endpoint_groups/" + id);
        Assert.Equal(404, (await StatusOf("GET", link)).Status);
    }

    [Theory]
    [InlineData("""{"endpoint_group": {"name": "x", "filters": {}}}""", "filters field is required and cannot be empty")]
    [InlineData("""{"endpoint_group": {"name": "x", "filters": {"colour": "red"}}}""",
        "Expecting to find service_id or region_id or interface in endpoint_group. The server could not comply with the request since it "
        + "is either malformed or otherwise incorrect. The client is assumed to be in error.")]
    public async Task A_group_that_filters_nothing_is_refused(string body, string message)
    {
        var answer = await cloud.Send("POST", "/OS-EP-FILTER/endpoint_groups", body, cloud.Admin);
        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_policy_holds_for_an_endpoint_by_itself_its_region_or_its_service()
    {
        var top = (await cloud.Do("POST", "/regions", new { region = new { description = "top" } })).GetProperty("region").GetProperty(
            "id").GetString()!;
        var inner = (await cloud.Do("POST", "/regions", new { region = new { parent_region_id = top } })).GetProperty("region")
            .GetProperty("id").GetString()!;
        var service = await cloud.Service();
        var endpoint = await Endpoint(service, "public", inner);
        var path = $"/endpoints/{endpoint}/OS-ENDPOINT-POLICY/policy";
        Assert.Equal((404, $"No policy is associated with endpoint {endpoint}."), await StatusOf("GET", path));
        var (wide, regional, own) = (await Policy("wide"), await Policy("regional"), await Policy("own"));

        foreach (var (policy, place) in new[] { (wide, $"services/{service}"), (regional, $"services/{service}/regions/{top}"),
            (own, $"endpoints/{endpoint}") })
        {
            var held = $"/policies/{policy}/OS-ENDPOINT-POLICY/{place}";
            Assert.Equal((404, "Could not find policy association."), await StatusOf("GET", held));
            Assert.Equal(204, (await cloud.Send("PUT", held, null, cloud.Admin)).Status);
            Assert.Equal(204, (await cloud.Send("HEAD", held, null, cloud.Admin)).Status);
            Assert.Equal(policy, (await cloud.Do("GET", path)).GetProperty("policy").GetProperty("id").GetString());
            Assert.Equal([endpoint], Ids(await cloud.Do("GET", $"/policies/{policy}/OS-ENDPOINT-POLICY/endpoints"), "endpoints"));
        }

        await cloud.Do("DELETE", $"/policies/{own}/OS-ENDPOINT-POLICY/endpoints/{endpoint}");
        Assert.Equal(regional, (await cloud.Do("GET", path)).GetProperty("policy").GetProperty("id").GetString());
        await cloud.Do("DELETE", "/policies/" + regional);
        Assert.Equal(wide, (await cloud.Do("GET", path)).GetProperty("policy").GetProperty("id").GetString());
        var changed = (await cloud.Do("PATCH", "/policies/" + wide, new { policy = new { blob = "new", colour = "red" } })).GetProperty(
            "policy");
        Assert.Equal(("new", "red"), (changed.GetProperty("blob").GetString(), changed.GetProperty("colour").GetString()));
        Assert.Equal([wide], Ids(await cloud.Do("GET", "/policies?type=text/wide"), "policies"));
        Assert.Equal(400, (await cloud.Send("POST", "/policies", new { policy = new { type = "x" } }, cloud.Admin)).Status);
    }

    [Fact]
    public async Task Regions_go_with_those_below_unless_endpoints_lie_there()
    {
        var top = (await cloud.Do("POST", "/regions", new { region = new { id = "top" } })).GetProperty("region").GetProperty("id")
            .GetString()!;
        await cloud.Do("POST", "/regions", new { region = new { id = "below", parent_region_id = top } });
        var endpoint = await Endpoint(await cloud.Service(), "public", "below");
        Assert.Equal(403, (await cloud.Send("DELETE", "/regions/top", null, cloud.Admin)).Status);
        await cloud.Do("DELETE", "/endpoints/" + endpoint);
        await cloud.Do("DELETE", "/regions/top");
        Assert.Equal(404, (await cloud.Send("GET", "/regions/below", null, cloud.Admin)).Status);
    }

    [Theory]
    [InlineData("http://x/%(nothing)s")]
    [InlineData("http://x/$(project_id)")]
    public async Task An_endpoint_leaves_nothing_open_that_nobody_fills_in(string url)
    {
        var service = await cloud.Service();
        var answer = await cloud.Send("POST", "/endpoints", new { endpoint = new { service_id = service, @interface = "public", url } },
            cloud.Admin);
        Assert.Equal((400, $"Cannot create an endpoint with an invalid URL: {url}."), (answer.Status, answer.Message));
    }

    private async Task<string> Endpoint(string service, string kind, string? region = null)
    {
        var endpoint = new Dictionary<string, string>
        {
            ["service_id"] = service, ["interface"] = kind, ["url"] = "http://x/$(project_id)s",
        };
        if (region is not null)
            endpoint["region_id"] = region;
        return (await cloud.Do("POST", "/endpoints", new { endpoint })).GetProperty("endpoint").GetProperty("id").GetString()!;
    }

    private async Task<string> Policy(string name) => (await cloud.Do("POST", "/policies",
        new { policy = new { type = "text/" + name, blob = "{}" } })).GetProperty("policy").GetProperty("id").GetString()!;

    private async Task<IReadOnlyList<string>> Catalog(string user, string project)
    {
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;
        var token = await cloud.Login(name, "pass-" + name, new { project = new { id = project } });
        var direct = Endpoints((await cloud.Send("GET", "/auth/catalog", null, token)).Body.GetProperty("catalog"));
        var ofToken = Endpoints((await cloud.Send("GET", "/auth/tokens", null, token, ("X-Subject-Token", token))).Body.GetProperty("token")
            .GetProperty("catalog"));
        Assert.Equal(direct, ofToken);
        return direct;
    }

    private async Task<(int Status, string Message)> StatusOf(string method, string path)
    {
        var answer = await cloud.Send(method, path, null, cloud.Admin);
        return (answer.Status, answer.Message);
    }

    private static IReadOnlyList<string> Endpoints(JsonElement catalog) => [.. catalog.EnumerateArray().SelectMany(static service =>
        service.GetProperty("endpoints").EnumerateArray().Select(static endpoint => endpoint.GetProperty("id").GetString()!))];

    private static IEnumerable<string> Ids(JsonElement body, string list) =>
        body.GetProperty(list).EnumerateArray().Select(static item => item.GetProperty("id").GetString()!);
}
