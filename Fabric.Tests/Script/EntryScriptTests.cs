using Fabric.Tests.Kit;

namespace Fabric.Tests.Script;

public sealed class EntryScriptTests
{
    [Fact]
    public async Task A_cluster_on_a_database_of_one_process_is_refused_in_plain_words()
    {
        using var folder = new ScratchFolder();
        var answer = await Fabric("up", "--silos", "3", "--data", folder.File("none"));
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("--db postgres", answer.Errors);
    }

    [Theory]
    [InlineData("--port", "0")]
    [InlineData("--nodes", "many")]
    [InlineData("--silos", "0")]
    [InlineData("--driver", "xen")]
    [InlineData("--db", "oracle")]
    [InlineData("--colour", "blue")]
    public async Task Wrong_options_are_refused(string option, string value)
    {
        var answer = await Fabric("up", option, value);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(option, answer.Errors);
    }

    [Fact]
    public async Task Down_and_status_say_that_nothing_runs_where_nothing_runs()
    {
        using var folder = new ScratchFolder();
        Assert.Contains("not running", (await Fabric("down", "--data", folder.File("none"))).Succeeded());
        var status = await Fabric("status", "--data", folder.File("none"));
        Assert.Equal(3, status.ExitCode);
        Assert.Contains("not running", status.Output);
    }

    [Fact]
    public async Task An_area_of_tests_that_does_not_exist_is_refused()
    {
        var answer = await Fabric("test", "Nowhere");
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("Script", answer.Errors);
    }

    [SkippableFact]
    public async Task The_scripts_pass_shellcheck()
    {
        Machine.Needs("shellcheck");
        string[] scripts = ["fabric", "tools/libvirtd.sh", "tools/image/build.sh", "tools/bench/api.sh", ".ci/run"];
        (await Command.Run("shellcheck", ["-x", .. scripts])).Succeeded();
    }

    private static Task<Answer> Fabric(params string[] arguments) => Command.Run(Path.Combine(Machine.Repository, "fabric"), arguments);
}
