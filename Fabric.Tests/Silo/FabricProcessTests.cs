using System.Net;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Silo;

/// <summary>The program as it is run.</summary>
public sealed class FabricProcessTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_tells_its_health_and_counts_and_stops_in_order_when_told()
    {
        await using var fabric = await FabricProcess.Start(folder.Path, "--nodes", "3");
        using var client = new HttpClient { BaseAddress = fabric.Address };
        Assert.Equal("ok\n", await client.GetStringOf("/healthz"));
        using var metrics = await client.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType!.ToString());
        Assert.Contains("http_server_request_duration_seconds_count", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await fabric.Stop());
    }

    [Fact]
    public async Task It_comes_back_after_a_kill_and_a_second_one_on_the_same_data_is_refused()
    {
        await using (var first = await FabricProcess.Start(folder.Path))
        {
            string[] line = ["run", "--data", folder.Path, "--port", "0", "--driver", "simulated"];
            var refused = await Command.Run("dotnet", [FabricProcess.Program, .. line]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("is another process of Fabric's running on it?", refused.Errors, StringComparison.Ordinal);
            await first.Kill();
        }

        await using var second = await FabricProcess.Start(folder.Path);
        using var client = new HttpClient { BaseAddress = second.Address };
        using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Its_state_is_for_its_owner_alone_and_no_password_is_in_its_log()
    {
        var data = folder.File("data");
        await using var fabric = await FabricProcess.Start(data);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "fabric.db")));
        var password = (await File.ReadAllTextAsync(Path.Combine(data, "admin-password"))).Trim();
        Assert.NotEmpty(password);
        Assert.DoesNotContain(password, fabric.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --data /tmp/x --port 70000", "is not a number from 0 to 65535")]
    [InlineData("run --data /tmp/x --nodes 0", "is not a number from 1 to 10000")]
    [InlineData("run --data /tmp/x --driver vmware", "vmware")]
    [InlineData("run", "--data")]
    [InlineData("run --data /proc/nowhere", "data directory")]
    public async Task A_wrong_command_line_is_refused_with_the_reason(string line, string reason)
    {
        var answer = await Command.Run("dotnet", [FabricProcess.Program, .. line.Split(' ')]);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(reason, answer.Errors, StringComparison.Ordinal);
    }
}
