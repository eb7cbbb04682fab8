using Fabric.Grains.Identity;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Clients;

/// <summary>Stock clients are the judges of our bodies: they parse each into classes, or hold it against a schema.</summary>
public sealed class StockClientTests
{
    /// <summary>Debian's own interpreter: the packages of its clients belong to no other.</summary>
    private const string Python = "/usr/bin/python3";

    [SkippableFact]
    public Task Openstacksdk_walks_through_every_service_and_cleans_up_behind_itself() => Walk("openstack", "sdk_walk.py");

    [SkippableFact]
    public Task Tempests_clients_find_the_schemas_of_every_service_kept() => Walk("tempest", "tempest_walk.py");

    [SkippableFact]
    public Task The_openstack_commands_of_identity_do_all_that_they_do_with_Keystone() => Walk("openstackclient", "osc_walk.py");

    [SkippableFact]
    public Task A_service_behind_keystonemiddleware_learns_who_its_caller_is_and_turns_away_what_ended() =>
        Walk("keystonemiddleware", "middleware_walk.py");

    [SkippableFact]
    public Task A_token_that_is_over_is_good_to_keystonemiddleware_beside_a_service_s_alone() =>
        Walk("keystonemiddleware", "middleware_walk.py", TimeSpan.FromSeconds(4));

    /// <param name="module">What the interpreter must have.</param>
    /// <param name="script">What it runs; the last word of it is "done".</param>
    /// <param name="tokens">How long tokens live, when the script is to see one end.</param>
    private static async Task Walk(string module, string script, TimeSpan? tokens = null)
    {
        Machine.NeedsPythonModule(Python, module);
        await using var cloud = await Cloud.Start(nodes: 2, services => services.Configure<IdentityOptions>(options =>
            options.TokenLifetime = tokens ?? options.TokenLifetime));
        var environment = new Dictionary<string, string>
        {
            ["TOKEN_SECONDS"] = $"{tokens?.TotalSeconds ?? 0}",
            ["OS_AUTH_URL"] = new Uri(cloud.Address, "identity").ToString(),
            ["OS_USERNAME"] = "admin",
            ["OS_PASSWORD"] = (await File.ReadAllTextAsync(Path.Combine(cloud.DataDir, "admin-password"))).Trim(),
            ["OS_PROJECT_NAME"] = "admin",
            ["OS_USER_DOMAIN_NAME"] = "Default",
            ["OS_PROJECT_DOMAIN_NAME"] = "Default",
            ["OS_IDENTITY_API_VERSION"] = "3",
        };
        var answer = await Command.Run(Python, ["Fabric.Tests/Clients/" + script], TimeSpan.FromMinutes(5), environment);
        Assert.EndsWith("done", answer.Succeeded(), StringComparison.Ordinal);
    }
}
