using Fabric.Tests.Kit;

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

    private static async Task Walk(string module, string script)
    {
        Machine.NeedsPythonModule(Python, module);
        await using var cloud = await Cloud.Start(nodes: 2);
        var environment = new Dictionary<string, string>
        {
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
