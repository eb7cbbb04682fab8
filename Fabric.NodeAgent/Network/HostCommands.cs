using System.Buffers;

namespace Fabric.NodeAgent.Network;

/// <summary>Runs the tools of the host's network, in a network namespace or the agent's own. What a tool should do comes on its standard
/// input, many changes to one process.</summary>
internal sealed class HostCommands
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly SearchValues<char> BatchSyntax = SearchValues.Create(" \t\r\n\"'#\\");
    private int _started;

    /// <summary>How many processes were started.</summary>
    internal int Started => _started;

    /// <summary>Runs a list of <c>ip</c> commands in one process; the first that fails ends it.</summary>
    internal Task<string> Ip(string? ns, IReadOnlyList<string[]> commands, CancellationToken ct) =>
        Run(ns is null ? ["ip", "-batch", "-"] : ["ip", "-n", ns, "-batch", "-"], Script(commands), ct);

    private static string Script(IReadOnlyList<string[]> commands)
    {
        // `-batch` splits at blanks and knows quotes; nothing of ours has either.
        if (commands.Any(command => command.Any(word => word.Length == 0 || word.AsSpan().ContainsAny(BatchSyntax))))
            throw new InvalidOperationException("A word of an ip command would break the batch.");

        return string.Join('\n', commands.Select(Line)) + "\n";
    }

    /// <summary>Runs a list of <c>bridge</c> commands in one process; the first that fails ends it.</summary>
    internal Task<string> Bridge(string? ns, IReadOnlyList<string[]> commands, CancellationToken ct) =>
        Run(ns is null ? ["bridge", "-batch", "-"] : ["bridge", "-n", ns, "-batch", "-"], Script(commands), ct);

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

    private Task<string> Run(string[] command, string input, CancellationToken ct)
    {
        Interlocked.Increment(ref _started);
        return HostProgram.Run(command, input, Limit, ct);
    }
}
