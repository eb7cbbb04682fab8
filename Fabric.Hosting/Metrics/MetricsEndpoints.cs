using Fabric.Hosting.Telemetry;

namespace Fabric.Hosting.Metrics;

/// <summary><c>/metrics</c> for Prometheus.</summary>
internal static class MetricsEndpoints
{
    /// <summary>Counts from now on, and maps the page.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        var collector = new MetricsCollector(TelemetrySetup.Meters);
        app.Lifetime.ApplicationStopped.Register(collector.Dispose);
        app.MapGet("/metrics", () => Results.Text(collector.Render(), PrometheusText.ContentType));
    }
}
