using Fabric.Tests.Kit;

namespace Fabric.Tests.Clients;

/// <summary>The stock SDK is the judge of our bodies.</summary>
public sealed class OpenStackSdkTests
{
    [SkippableFact]
    public async Task Openstacksdk_walks_through_every_service_and_cleans_up_behind_itself()
    {
        // Debian's own interpreter: the packages of its clients belong to no other.
        const string Python = "/usr/bin/python3";
        Machine.NeedsPythonModule(Python, "openstack");
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
        var answer = await Command.Run(Python, ["Fabric.Tests/Clients/sdk_walk.py"], TimeSpan.FromMinutes(5), environment);
        Assert.EndsWith("done", answer.Succeeded(), StringComparison.Ordinal);
    }
}
