using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;

namespace Fabric.NodeAgent.Network;

/// <summary>A command on the host failed; the message has its words.</summary>
internal sealed class HostCommandException(string message) : Exception(message);

/// <summary>Runs the host's tools, in a network namespace or the agent's own. Arguments are passed as such, never through a shell; what a
/// tool should do comes on its standard input, many changes to one process.</summary>
internal sealed class HostCommands
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly SearchValues<char> BatchSyntax = SearchValues.Create(" \t\r\n\"'#\\");
    private int _started;

    /// <summary>How many processes were started.</summary>
    internal int Started => _started;

    /// <summary>Runs a list of <c>ip</c> commands in one process; the first that fails ends it.</summary>
    internal Task<string> Ip(string? ns, IReadOnlyList<string[]> commands, CancellationToken ct)
    {
        // `ip -batch` splits at blanks and knows quotes; nothing of ours has either.
        if (commands.Any(command => command.Any(word => word.Length == 0 || word.AsSpan().ContainsAny(BatchSyntax))))
            throw new InvalidOperationException("A word of an ip command would break the batch.");

        var script = string.Join('\n', commands.Select(Line)) + "\n";
        return Run(ns is null ? ["ip", "-batch", "-"] : ["ip", "-n", ns, "-batch", "-"], script, ct);
    }

    /// <summary>What one <c>ip</c> command shows.</summary>
    internal Task<string> IpShow(string? ns, string[] command, CancellationToken ct) =>
        Run(ns is null ? ["ip", .. command] : ["ip", "-n", ns, .. command], "", ct);

    /// <summary>Applies an nft script as one transaction.</summary>
    internal Task<string> Nft(string? ns, string script, CancellationToken ct) => Run([.. Inside(ns), "nft", "-f", "-"], script, ct);

    /// <summary>Runs any tool inside a namespace.</summary>
    internal Task<string> Tool(string? ns, string[] command, string input, CancellationToken ct) =>
        Run([.. Inside(ns), .. command], input, ct);

    private static string[] Inside(string? ns) => ns is null ? [] : ["ip", "netns", "exec", ns];

    private static string Line(string[] words) => string.Join(' ', words);

    private async Task<string> Run(string[] command, string input, CancellationToken ct)
    {
        Interlocked.Increment(ref _started);
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in command.Skip(1))
            start.ArgumentList.Add(word);

        using var process = Start(start);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await Feed(process, input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var (text, words) = (await output, await errors);
            return process.ExitCode == 0
                ? text
                : throw new HostCommandException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {words.Trim()}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            process.Kill();
            throw new HostCommandException($"'{string.Join(' ', command)}' did not end within {Limit.TotalSeconds:0} s.");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new HostCommandException($"'{start.FileName}' cannot be started: {missing.Message}");
        }
    }

    private static async Task Feed(Process process, string input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything; its exit status and words say why.
        }
    }
}
