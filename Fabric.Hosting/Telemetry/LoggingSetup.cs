using System.Text.Encodings.Web;

namespace Fabric.Hosting.Telemetry;

/// <summary>Logs as one JSON object a line, on standard output: the machine that runs us keeps them.</summary>
internal static class LoggingSetup
{
    /// <summary>Sets the console and the levels. <c>Logging__LogLevel__Category</c> in the environment changes a level.</summary>
    public static void AddFabricLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddJsonConsole(options =>
        {
            // The request id is a scope; without scopes no line of a request could be found by it.
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            options.JsonWriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
        builder.Logging.Configure(static options =>
            options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Logging.AddFilter("System", LogLevel.Warning);
    }
}
