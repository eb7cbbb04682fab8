using System.Reflection;
using Fabric.Tests.Compute;
using Fabric.Tests.Image;
using Fabric.Tests.Kit;
using Fabric.Tests.Network;
using Fabric.Tests.Placement;

namespace Fabric.Tests.Silo;

/// <summary>The all-in-one on PostgreSQL: what a client sees is the same.</summary>
public sealed class PostgresCloudTests
{
    [SkippableTheory]
    [InlineData(typeof(FlavorApiTests))]
    [InlineData(typeof(KeyPairApiTests))]
    [InlineData(typeof(ServerApiTests))]
    [InlineData(typeof(ServerListTests))]
    [InlineData(typeof(ImageApiTests))]
    [InlineData(typeof(NetworkApiTests))]
    [InlineData(typeof(PortApiTests))]
    [InlineData(typeof(PlacementApiTests))]
    public async Task The_tests_of_an_api_hold_on_PostgreSQL(Type tests)
    {
        var constructor = tests.GetConstructors().Single();
        var fixture = (CloudFixture)Activator.CreateInstance(constructor.GetParameters().Single().ParameterType)!;
        fixture.Postgres = await PrivatePostgres.Database();
        await ((IAsyncLifetime)fixture).InitializeAsync();
        var ran = 0;
        foreach (var test in tests.GetMethods().Where(static one => one.GetCustomAttribute<FactAttribute>(inherit: false) is { } fact
            && fact.GetType() == typeof(FactAttribute) && one.GetParameters().Length == 0))
        {
            await Run(test, constructor.Invoke([fixture]));
            ran++;
        }

        await ((IAsyncLifetime)fixture).DisposeAsync();
        Assert.NotEqual(0, ran);
    }

    private static async Task Run(MethodInfo test, object its)
    {
        if (its is IAsyncLifetime begins)
            await begins.InitializeAsync();
        await (Task)test.Invoke(its, [])!;
        if (its is IAsyncLifetime ends)
            await ends.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_cloud_that_was_crashed_and_one_that_was_stopped_find_their_state_again()
    {
        await using var cloud = await Cloud.Start(postgres: await PrivatePostgres.Database());
        var demo = (await ComputeClient.Of(cloud, await cloud.Http("admin"))).As(await cloud.Http("demo"));
        var first = await demo.Boot("first");
        await cloud.Crash();
        await demo.Reaches(first, "ACTIVE");
        var second = await demo.Boot("second");
        await cloud.Restart();
        await demo.Reaches(first, "ACTIVE");
        await demo.Reaches(second, "ACTIVE");
        await demo.Delete(first);
        await demo.Delete(second);
        Assert.False(File.Exists(Path.Combine(cloud.DataDir, "fabric.db")), "Something is in SQLite.");
    }

    [SkippableFact]
    public async Task A_process_that_is_killed_starts_again_on_the_same_database()
    {
        using var folder = new ScratchFolder();
        var connection = await PrivatePostgres.Database(overSocket: true);
        var environment = new Dictionary<string, string> { ["FABRIC_DB_CONNECTION"] = connection };
        await using (var first = await FabricProcess.Start(folder.Path, environment, ["--db", "postgres"]))
            await first.Kill();
        await using var second = await FabricProcess.Start(folder.Path, environment, ["--db", "postgres"]);
        Assert.Equal(0, await second.Stop());
        Assert.DoesNotContain("Password", second.Log, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableTheory]
    [InlineData("Password=wrong", "password authentication failed")]
    [InlineData("Database=nowhere", "does not exist")]
    [InlineData("Port=1", "does not answer")]
    [InlineData("Colour=blue", "not understood")]
    public async Task A_database_that_cannot_be_used_is_refused_in_plain_words(string wrong, string said)
    {
        using var folder = new ScratchFolder();
        var environment = new Dictionary<string, string> { ["FABRIC_DB_CONNECTION"] = $"{await PrivatePostgres.Database()};{wrong}" };
        var answer = await Command.Run("dotnet", RunOn(folder.Path), TimeSpan.FromMinutes(3), environment);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(said, answer.Errors, StringComparison.Ordinal);
        Assert.StartsWith("fabric: ", answer.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostgreSQL_without_a_connection_is_refused_in_plain_words()
    {
        using var folder = new ScratchFolder();
        var answer = await Command.Run("dotnet", RunOn(folder.Path));
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("FABRIC_DB_CONNECTION", answer.Errors, StringComparison.Ordinal);
    }

    private static string[] RunOn(string data) =>
        [FabricProcess.Program, "run", "--data", data, "--port", "0", "--driver", "simulated", "--db", "postgres"];
}
