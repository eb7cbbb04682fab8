using System.ComponentModel;
using System.Diagnostics;

namespace Fabric.NodeAgent;

/// <summary>A program of the host did not do what it was asked; the message has its words.</summary>
internal sealed class HostProgramException(string message) : Exception(message);

/// <summary>Runs programs of the host. Arguments are passed as they are: no shell reads them.</summary>
internal static class HostProgram
{
    /// <summary>Runs a program to its end and returns what it printed. One that is cancelled, or goes beyond its time, is killed.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">What it finds on its standard input.</param>
    /// <param name="limit">How long it may take; null for as long as it needs (converting an image can take hours).</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="HostProgramException">It cannot be started, failed, or took too long.</exception>
    internal static async Task<string> Run(IReadOnlyList<string> command, string input, TimeSpan? limit, CancellationToken ct)
    {
        using var process = Start(command);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if (limit is { } most)
            ends.CancelAfter(most);

        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ends.Token);
            var complaint = process.StandardError.ReadToEndAsync(ends.Token);
            await Feed(process, input, ends.Token);
            await process.WaitForExitAsync(ends.Token);
            await Task.WhenAll(output, complaint);
            return process.ExitCode == 0
                ? await output
                : throw new HostProgramException(
                    $"'{string.Join(' ', command)}' ended with {process.ExitCode}: {(await complaint).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw new HostProgramException($"'{string.Join(' ', command)}' did not end within {limit!.Value.TotalSeconds:0} s.");
        }
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Its messages are read by us, so they must be in one language; root's path is not always the caller's.
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new HostProgramException($"'{start.FileName}' cannot be started: {missing.Message}");
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
