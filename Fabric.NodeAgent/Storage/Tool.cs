using System.Diagnostics;

namespace Fabric.NodeAgent.Storage;

/// <summary>A program of the host that did not do what it was asked.</summary>
internal sealed class ToolException(string message) : Exception(message);

/// <summary>Runs programs of the host. Arguments are passed as they are: no shell reads them.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end and returns what it printed. Throws <see cref="ToolException"/> with its complaint when it
    /// fails.</summary>
    public static async Task<string> Run(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Its messages are read by us, so they must be in one language; root's path is not always the caller's.
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        using var process = Process.Start(start) ?? throw new ToolException($"{program} could not be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var complaint = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await process.WaitForExitAsync(ct);
            await Task.WhenAll(output, complaint);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode == 0
            ? await output
            : throw new ToolException($"{program} ended with {process.ExitCode}: {(await complaint).Trim()}");
    }
}
