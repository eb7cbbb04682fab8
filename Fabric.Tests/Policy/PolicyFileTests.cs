using Fabric.Gateway.Policy;
using Fabric.Hosting;
using Fabric.Silo;
using Fabric.Tests.Identity;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Policy;

/// <summary>What operators write, and when it holds.</summary>
public sealed class PolicyFileTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_file_holds_from_the_moment_it_is_there_until_it_is_gone()
    {
        var (_, _, reader) = await cloud.Someone("reader");
        Task<bool> MayCreate() => Answers(reader, 400, "POST", "/compute/v2.1/servers");
        Assert.False(await MayCreate());
        Write("nova_policy.yaml", "\"os_compute_api:servers:create\": \"role:reader and project_id:%(project_id)s\"\n");
        await Eventually.True(MayCreate, "a reader may make servers");
        Write("nova_policy.yaml", "os_compute_api:servers:create: [[\n");
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.True(await MayCreate());
        Write("nova_policy.yaml", "# nothing\n");
        await Eventually.True(async () => !await MayCreate(), "a reader may make no servers again");
    }

    [Fact]
    public async Task A_domains_admin_is_held_to_its_domain_by_the_rule_that_operators_write()
    {
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "held" } })).GetProperty("domain").GetProperty(
            "id").GetString()!;
        var user = (await cloud.Do("POST", "/users", new { user = new { name = "keeper", password = "pass-keeper" } })).GetProperty(
            "user").GetProperty("id").GetString()!;
        await cloud.Do("PUT", $"/domains/{domain}/users/{user}/roles/{await cloud.RoleId("admin")}");
        var keeper = await cloud.Login("keeper", "pass-keeper", new { domain = new { id = domain } });
        Write("keystone_policy.yaml", """
            admin_required: role:admin and project_id:%(target.nothing)s or role:admin and system_scope:all
            identity:create_user: >-
              role:admin and domain_id:%(target.user.domain_id)s
            identity:delete_user:
              - ["role:admin", "domain_id:%(target.user.domain_id)s"]
            """);
        await Eventually.True(
            async () => (await cloud.Send("POST", "/users", User("early", "default"), keeper)).Status == 403, "the rule holds");
        var made = await cloud.Send("POST", "/users", User("kept", domain), keeper);
        Assert.Equal(201, made.Status);
        Assert.Equal(204, (await cloud.Send("DELETE", "/users/" + made.Body.GetProperty("user").GetProperty("id"), null, keeper)).Status);
        var foreign = await cloud.Send("DELETE", "/users/" + user, null, keeper);
        Assert.Equal(403, foreign.Status);
        Assert.Equal("You are not authorized to perform the requested action: identity:delete_user.", foreign.Message);
        File.Delete(Path.Combine(Folder, "keystone_policy.yaml"));
        await Eventually.True(
            async () => (await cloud.Send("DELETE", "/users/" + user, null, cloud.Admin)).Status == 204, "the documented rules hold");

        static object User(string name, string domain) => new { user = new { name, domain_id = domain, password = "pass" } };
    }

    [Fact]
    public async Task Deprecated_checks_and_scopes_are_an_operators_to_choose()
    {
        var (_, _, reader) = await cloud.Someone("reader");
        Task<bool> MayCreate() => Answers(reader, 400, "POST", "/networking/v2.0/networks");
        Assert.False(await MayCreate());
        Write("oslo_policy.yaml", "neutron: { enforce_new_defaults: false }\n");
        await Eventually.True(MayCreate, "a reader may make networks, as in Zed");
        File.Delete(Path.Combine(Folder, "oslo_policy.yaml"));
        await Eventually.True(async () => !await MayCreate(), "a reader may make no networks");
    }

    [Theory]
    [InlineData("nova_policy.yaml", "a: [[", "nova_policy.yaml, line 2")]
    [InlineData("nova_policy.yaml", "just words", "names and values are expected")]
    [InlineData("nova_policy.yaml", "a:\n", "a says nothing")]
    [InlineData("nova_policy.yaml", "a: null\n", "a says nothing")]
    [InlineData("nova_policy.yaml", "a: {b: c}\n", "a is neither a text nor a list of checks")]
    [InlineData("nova_policy.yaml", "a: '@'\na: '!'\n", "nova_policy.yaml")]
    [InlineData("nova_policy.yaml", "a: '@'\n---\nb: '@'\n", "more than one document")]
    [InlineData("oslo_policy.yaml", "cinder: {enforce_scope: true}\n", "there is no service cinder")]
    [InlineData("oslo_policy.yaml", "nova: {enforce: true}\n", "there is no option enforce")]
    [InlineData("oslo_policy.yaml", "nova: {enforce_scope: perhaps}\n", "enforce_scope is true or false")]
    public async Task A_cloud_does_not_start_with_a_file_that_cannot_be_used(string name, string text, string reason)
    {
        using var folder = new ScratchFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "rules"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "rules", name), text);
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => FabricHost.Start(new()
        {
            DataDir = Path.Combine(folder.Path, "data"), Port = 0, Driver = "simulated", PolicyDir = Path.Combine(folder.Path, "rules"),
        }, default));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_is_told_what_is_wrong_and_what_is_for_nothing()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(Path.Combine(folder.Path, "nova_policy.yaml"), """
            os_compute_api:servers:creat: role:member
            os_compute_api:servers:delete: role:member or
            os_compute_api:servers:show: (rule:project_reader_or_admin)
            os_compute_api:servers:index: rule:my_rule
            os_compute_api:servers:detail: rule:no_rule
            os_compute_api:os-services: role:watcher
            my_rule: role:watcher
            """);
        var problems = PolicyReview.Problems(ServicePolicies.Nova, PolicyFiles.Read(folder.Path, ServicePolicies.Nova));
        Assert.Equal(
        [
            "os_compute_api:os-services is deprecated: write os_compute_api:os-services:list",
            "os_compute_api:os-services is deprecated: write os_compute_api:os-services:update",
            "os_compute_api:servers:creat: there is no such rule, and no other rule refers to it",
            "os_compute_api:servers:delete: it cannot be read: role:member or",
            "os_compute_api:servers:detail refers to no_rule, which is no rule",
            "os_compute_api:servers:show: is what it would be without being written",
        ], problems.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_sample_is_a_file_that_says_nothing_and_says_what_holds_once_it_is_uncommented()
    {
        using var folder = new ScratchFolder();
        foreach (var service in ServicePolicies.All)
        {
            var path = PolicyFiles.PathOf(folder.Path, service);
            var sample = PolicyReview.Sample(service).ToList();
            File.WriteAllLines(path, sample);
            Assert.Empty(PolicyFiles.Read(folder.Path, service).Rules);
            File.WriteAllLines(path, sample.Select(static line => line.StartsWith("#\"", StringComparison.Ordinal) ? line[1..] : line));
            var rules = PolicyFiles.Read(folder.Path, service).Rules;
            Assert.Equal(service.Rules.Where(static rule => !rule.IsPublic).Select(static rule => (rule.Name, rule.Check)),
                rules.Select(static rule => (rule.Key, rule.Value.Text!)));
        }
    }

    private string Folder => Path.Combine(cloud.Folder, "policy");

    private async Task<bool> Answers(string token, int status, string method, string path)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = new StringContent("{}", null, "application/json") };
        request.Headers.Add("X-Auth-Token", token);
        using var answer = await cloud.Http.SendAsync(request);
        Assert.Contains((int)answer.StatusCode, (int[])[status, 403]);
        return (int)answer.StatusCode == status;
    }

    // A file comes whole, as an editor or a deployment brings it.
    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
