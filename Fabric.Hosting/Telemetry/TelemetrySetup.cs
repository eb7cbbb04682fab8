using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Fabric.Hosting.Telemetry;

/// <summary>Traces, metrics and logs by OTLP, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to. The exporter reads the rest of
/// OpenTelemetry's own variables (protocol, headers, sampling) itself.</summary>
internal static class TelemetrySetup
{
    /// <summary>The spans we make, and those of what we stand on, by name: there are no instrumentation packages to add them.</summary>
    private static readonly string[] Sources = ["Fabric.*", "Microsoft.Orleans.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    /// <summary>The meters of the same.</summary>
    internal static readonly string[] Meters =
    [
        "Fabric", "Fabric.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime", "Npgsql",
    ];

    /// <summary>Whether there is a collector to send to.</summary>
    public static bool IsOn(IConfiguration configuration) => !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    /// <summary>Adds the exporters when they are asked for.</summary>
    public static void AddFabricTelemetry(this WebApplicationBuilder builder)
    {
        if (!IsOn(builder.Configuration))
            return;
        var resource = ResourceBuilder.CreateDefault().AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "fabric");
        builder.Logging.AddOpenTelemetry(options =>
        {
            options.IncludeScopes = true;
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(resource).AddOtlpExporter();
        });
        builder.Services.AddHostedService(_ => new Exporters(resource));
    }

    /// <summary>Exports from its start to its end, and then sends what is left.</summary>
    private sealed class Exporters(ResourceBuilder resource) : IHostedService, IDisposable
    {
        private TracerProvider? traces;
        private MeterProvider? metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
            metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Dispose();
            return Task.CompletedTask;
        }

        public void Dispose()
        {
            traces?.Dispose();
            metrics?.Dispose();
        }
    }
}
