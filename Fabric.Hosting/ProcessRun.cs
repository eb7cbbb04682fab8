using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace Fabric.Hosting;

/// <summary>A process of Fabric's that runs: its web application, and the data directory that it owns.</summary>
public sealed class ProcessRun : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DataDirectory data;

    private ProcessRun(WebApplication app, DataDirectory data)
    {
        this.app = app;
        this.data = data;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Everything in it.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Takes the data directory, builds the application and starts it; returns when its port is open.</summary>
    public static async Task<ProcessRun> Start(string dataDirectory, Func<WebApplication> build, CancellationToken ct)
    {
        var data = DataDirectory.Take(dataDirectory);
        WebApplication? app = null;
        try
        {
            app = build();
            await app.StartAsync(ct);
            return new(app, data);
        }
        catch (Exception)
        {
            if (app is not null)
                await app.DisposeAsync();
            data.Dispose();
            throw;
        }
    }

    /// <summary>Starts a process and waits until it is told to end. Gives the exit status: 1 when it may not start, said on the standard
    /// error.</summary>
    public static async Task<int> RunToEnd(Func<CancellationToken, Task<ProcessRun>> start, CancellationToken ct)
    {
        try
        {
            await using var process = await start(ct);
            await process.app.WaitForShutdownAsync(ct);
            return 0;
        }
        catch (StartRefusedException refused)
        {
            await Console.Error.WriteLineAsync($"fabric: {refused.Message}");
            return 1;
        }
    }

    /// <summary>Stops in order.</summary>
    public Task Stop(CancellationToken ct) => app.StopAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        data.Dispose();
    }
}
