using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Fabric.Tests.Kit;

/// <summary>A real process of Fabric's, which can be killed: <c>dotnet Fabric.Silo.dll run …</c> on a port of its own choice.</summary>
internal sealed partial class FabricProcess : IAsyncDisposable
{
    /// <summary>How long a start or an end may take on a machine that has much else to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder log = new();
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FabricProcess(IReadOnlyList<string> within, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        string[] all = [.. within, "dotnet", .. arguments];
        process = new() { StartInfo = new(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true } };
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

    /// <summary>True when it is no more.</summary>
    public bool HasEnded => process.HasExited;

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
        return await UntilReady(new([], [Program, "run", "--data", dataDir, "--port", "0", .. driver, .. told], environment));
    }

    /// <summary>Starts a gateway of a cluster and waits until it is ready.</summary>
    public static Task<FabricProcess> StartGateway(
        string dataDir, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        UntilReady(new([], [Gateway, "run", "--data", dataDir, .. arguments], environment));

    private static async Task<FabricProcess> UntilReady(FabricProcess started)
    {
        try
        {
            await started.Ready();
            return started;
        }
        catch (Exception)
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one of Fabric's programs, and does not wait until it is ready.</summary>
    /// <param name="program">The program.</param>
    /// <param name="environment">Variables of the environment.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="within">What goes before the command, and becomes it.</param>
    public static FabricProcess Launch(string program, IReadOnlyDictionary<string, string>? environment,
        IEnumerable<string> arguments, params IReadOnlyList<string> within) => new(within, [program, "run", .. arguments], environment);

    /// <summary>Waits until it says that it is ready; fails at once when it ends instead.</summary>
    public async Task Ready()
    {
        using var client = new HttpClient { BaseAddress = await listening.Task.WaitAsync(Patience) };
        await Eventually.True(
            async () =>
            {
                Assert.False(HasEnded, $"The process ended: {Log}");
                return await IsReady(client);
            },
            () => $"the process is ready: {Log}",
            Patience);
    }

    /// <summary>SIGSTOP: it is there, and does nothing.</summary>
    public Task Pause() => Signal("STOP");

    /// <summary>Ends <see cref="Pause"/>.</summary>
    public Task Resume() => Signal("CONT");

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
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await Kill();
        process.Dispose();
    }

    private async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Pid}"]);
        await kill.WaitForExitAsync();
    }

    private static async Task<bool> IsReady(HttpClient client)
    {
        try
        {
            return await client.GetStringOf("/readyz") == "ready\n";
        }
        catch (HttpRequestException)
        {
            return false;
        }
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
