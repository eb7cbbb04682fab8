using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Fabric.Tests.Kit;

/// <summary>A real process of Fabric's, which can be killed: <c>dotnet Fabric.Silo.dll run …</c> on a port of its own choice.</summary>
internal sealed partial class FabricProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder log = new();
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FabricProcess(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        process = new() { StartInfo = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            process.StartInfo.Environment[name] = value;
        process.OutputDataReceived += (_, line) => Heard(line.Data);
        process.ErrorDataReceived += (_, line) => Heard(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"The process ended: {Log}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The program, beside the tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "Fabric.Silo.dll");

    /// <summary>The program of a gateway alone.</summary>
    public static string Gateway { get; } = Path.Combine(AppContext.BaseDirectory, "Fabric.Gateway.dll");

    /// <summary>Where it listens.</summary>
    public Uri Address => listening.Task.Result;

    /// <summary>The operating system's number for it.</summary>
    public int Pid => process.Id;

    /// <summary>All it said.</summary>
    public string Log
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <summary>Starts the all-in-one on the data directory and waits until it is ready. Nodes are played unless an argument names the
    /// driver.</summary>
    public static Task<FabricProcess> Start(string dataDir, params IEnumerable<string> arguments) => Start(dataDir, null, arguments);

    /// <summary>The same with variables of the environment.</summary>
    public static async Task<FabricProcess> Start(
        string dataDir, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        string[] told = [.. arguments];
        string[] driver = told.Contains("--driver") ? [] : ["--driver", "simulated"];
        return await UntilReady(new([Program, "run", "--data", dataDir, "--port", "0", .. driver, .. told], environment));
    }

    /// <summary>Starts a gateway of a cluster and waits until it is ready.</summary>
    public static Task<FabricProcess> StartGateway(
        string dataDir, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        UntilReady(new([Gateway, "run", "--data", dataDir, .. arguments], environment));

    private static async Task<FabricProcess> UntilReady(FabricProcess started)
    {
        try
        {
            using var client = new HttpClient { BaseAddress = await started.listening.Task.WaitAsync(TimeSpan.FromSeconds(60)) };
            await Eventually.True(
                async () => await client.GetStringOf("/readyz") == "ready\n",
                () => $"the process is ready: {started.Log}",
                TimeSpan.FromSeconds(60));
            return started;
        }
        catch (Exception)
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{Pid}"]);
        kill.WaitForExit();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> Stop()
    {
        Terminate();
        return Ended();
    }

    /// <summary>Waits for its end; the exit code.</summary>
    public async Task<int> Ended()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(40));
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await Kill();
        process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
            return;
        lock (log)
            log.AppendLine(line);
        if (Listening().Match(line) is { Success: true } match)
            listening.TrySetResult(new(match.Groups[1].Value));
    }

    [GeneratedRegex("Now listening on: (http://[0-9.:]+)\"")]
    private static partial Regex Listening();
}
