using Fabric.Hosting.Health;
using Fabric.Hosting.Metrics;
using Fabric.Hosting.Telemetry;

namespace Fabric.Hosting;

/// <summary>What every program of Fabric has, whatever it serves.</summary>
public static class ProcessHosting
{
    /// <summary>Logs as JSON lines, OpenTelemetry when a collector is named, and what <c>/readyz</c> asks.</summary>
    public static void AddFabricProcess(this WebApplicationBuilder builder)
    {
        builder.AddFabricLogging();
        builder.AddFabricTelemetry();
        builder.Services.AddSingleton<Readiness>();
    }

    /// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>, and a name for the span of each request.</summary>
    public static void UseFabricProcess(this WebApplication app)
    {
        if (TelemetrySetup.IsOn(app.Configuration))
            app.UseRequestSpans();
        app.MapHealth();
        app.MapMetrics();
    }
}
