using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Fabric.Tests.Kit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Silo;

/// <summary>What leaves the process for a collector.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Traces_metrics_and_logs_go_to_the_collector_that_is_named()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await Collector(received);
        using var folder = new ScratchFolder();
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "fabric-under-test",
        };
        await using var fabric = await FabricProcess.Start(folder.Path, environment, []);
        using var client = new HttpClient { BaseAddress = fabric.Address };
        await client.GetStringOf("/healthz");
        Assert.Equal(0, await fabric.Stop());
        foreach (var path in (string[])["/v1/traces", "/v1/metrics", "/v1/logs"])
        {
            Assert.True(received.TryGetValue(path, out var body), $"Nothing came to {path}; only to {string.Join(", ", received.Keys)}");
            Assert.Contains("fabric-under-test", body, StringComparison.Ordinal);
        }

        Assert.Contains("GET /healthz", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", received["/v1/metrics"], StringComparison.Ordinal);
    }

    private static async Task<WebApplication> Collector(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var collector = builder.Build();
        collector.MapPost("/{**path}", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            received.AddOrUpdate(request.Path, body, (_, before) => before + body);
            return Results.Ok();
        });
        await collector.StartAsync();
        return collector;
    }
}
