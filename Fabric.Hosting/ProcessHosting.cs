using Fabric.Hosting.Health;
using Fabric.Hosting.Metrics;
using Fabric.Hosting.Telemetry;
using Microsoft.AspNetCore.Hosting;

namespace Fabric.Hosting;

/// <summary>What every program of Fabric has, whatever it serves.</summary>
public static class ProcessHosting
{
    /// <summary>How long a process that was told to end may take, grains' and requests' ends included.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>The longest request line, and the most of all headers, in bytes.</summary>
    private const int LongestHead = 64 * 1024;

    /// <summary>A process that listens: logs as JSON lines, OpenTelemetry when a collector is named, and what <c>/readyz</c>
    /// asks.</summary>
    /// <param name="listen">The address, as <see cref="ListenAddress"/> takes it.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="settings">Where services find what the process was told.</param>
    public static WebApplicationBuilder CreateProcess(
        string listen, int port, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        // A request goes on where its bytes were read. What a handler does before it first waits is short.
        builder.WebHost.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // As long as what stands before OpenStack's services takes by default in Debian: filters of lists can be long.
            kestrel.Limits.MaxRequestLineSize = LongestHead;
            kestrel.Limits.MaxRequestHeadersTotalSize = LongestHead;
            kestrel.Listen(ListenAddress.Parse(listen), port);
        });
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = ShutdownTimeout);
        builder.AddFabricLogging();
        builder.AddFabricTelemetry();
        builder.Services.AddSingleton<Readiness>();
        return builder;
    }

    /// <summary><c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c> and <c>/members</c>, and a name for the span of each request.</summary>
    public static void UseFabricProcess(this WebApplication app)
    {
        app.UseDrain();
        if (TelemetrySetup.IsOn(app.Configuration))
            app.UseRequestSpans();
        app.MapHealth();
        app.MapMetrics();
        app.MapMembers();
    }
}
