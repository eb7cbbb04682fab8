using System.Diagnostics;

namespace Fabric.Tests.Kit;

/// <summary>What a program answered: its exit code and both of its outputs.</summary>
internal sealed record Answer(int ExitCode, string Output, string Errors)
{
    /// <summary>The output without the last line's end; fails with all the program said when it did not succeed.</summary>
    internal string Succeeded()
    {
        Assert.True(ExitCode == 0, $"Exit code {ExitCode}.\n{Output}\n{Errors}");
        return Output.TrimEnd('\n');
    }
}

/// <summary>Runs programs as a user would, with a limit on their time.</summary>
internal static class Command
{
    internal static Task<Answer> Run(string program, params string[] arguments) => Run(program, arguments, TimeSpan.FromMinutes(3));

    internal static async Task<Answer> Run(
        string program, string[] arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Machine.Repository,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var cancellation = new CancellationTokenSource(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation.Token);
            var errors = process.StandardError.ReadToEndAsync(cancellation.Token);
            await process.WaitForExitAsync(cancellation.Token);
            return new Answer(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {limit.TotalSeconds:0} s.");
        }
    }
}
