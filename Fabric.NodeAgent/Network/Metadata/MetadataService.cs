using System.Net;
using Fabric.Grains.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// The metadata service as guests see it, 169.254.169.254. It listens in each DHCP namespace (guests are told the way by DHCP) and in each
/// router's (for guests that send the request to their gateway), finds out who asks, and hands the request to the gateway of the API under
/// <see cref="NetworkOptions.MetadataUrl"/> with <see cref="MetadataHeaders"/>.
/// </summary>
internal sealed partial class MetadataService : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly MetadataListening _listening = new();
    private readonly MetadataForwarder _forwarder;
    private readonly NetworkOptions _options;
    private readonly ILogger _logger;
    private KestrelServer? _server;
    private MetadataGuests _guests = MetadataGuests.Nobody;

    internal MetadataService(NetworkOptions options, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        _forwarder = new(options);
    }

    private bool IsOn => _options.MetadataSecret.Length > 0;

    /// <summary>Listens in exactly the namespaces of the layout, and knows exactly the guests of the state.</summary>
    internal async Task Ensure(DesiredNetworking networking, HostLayout layout, CancellationToken ct)
    {
        if (!IsOn)
            return;

        _guests = MetadataGuests.Of(networking, _options.NetNs);
        var wanted = layout.Namespaces.Select(ScopeOf).ToHashSet();
        foreach (var scope in _listening.Open.Where(scope => !wanted.Contains(scope)).ToList())
            await _listening.Close(scope);

        if (wanted.Count > 0 && _server is null)
            await StartServer(ct);

        foreach (var scope in wanted.Except(_listening.Open).ToList())
            await _listening.Listen(scope);
    }

    /// <summary>Lets go of namespaces that are about to go, or were lost.</summary>
    internal async Task Release(IReadOnlyCollection<string> namespaces)
    {
        foreach (var scope in _listening.Open.Where(scope => namespaces.Contains(scope.Namespace)).ToList())
            await _listening.Close(scope);
    }

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing of the context is ours to dispose.
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        var scope = context.Features.Get<MetadataScope>();
        var source = context.Connection.RemoteIpAddress;
        var port = scope is null ? null : _guests.Find(scope.Namespace, source);
        if (port is null)
        {
            LogUnknown(scope?.Namespace, source);
            await Answer(context, StatusCodes.Status404NotFound, "404 Not Found\n\nThe resource could not be found.\n");
            return;
        }

        try
        {
            await _forwarder.Forward(context, port, source!);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException bad)
        {
            await Answer(context, bad.StatusCode, "The request could not be read.\n");
        }
        catch (Exception down) when (down is HttpRequestException or TaskCanceledException or IOException)
        {
            if (context.RequestAborted.IsCancellationRequested)
                return;

            LogDown(port.InstanceId, down.Message);
            await Answer(context, StatusCodes.Status503ServiceUnavailable, "The metadata service is not available. Try again later.\n");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listening.DisposeAsync();
        if (_server is not null)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _server.StopAsync(limit.Token);
            _server.Dispose();
        }

        _forwarder.Dispose();
    }

    private static MetadataScope ScopeOf(NamespaceTarget target) => target.Role == DeviceAlias.DhcpRole
        ? new(target.Name, IPAddress.Parse(HostLayout.MetadataAddress), 80)
        : new(target.Name, IPAddress.Any, HostLayout.RouterMetadataPort);

    private static async Task Answer(HttpContext context, int status, string text)
    {
        if (context.Response.HasStarted)
        {
            // Half of an answer must not look whole.
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=UTF-8";
        await context.Response.WriteAsync(text);
    }

    private async Task StartServer(CancellationToken ct)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        var limits = options.Limits;
        limits.MaxConcurrentConnections = 4096;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = MetadataForwarder.MostBodyBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        options.Listen(new DnsEndPoint(HostLayout.MetadataAddress, 80), endpoint => endpoint.Protocols = HttpProtocols.Http1);
        var server = new KestrelServer(Options.Create(options), _listening, NullLoggerFactory.Instance);
        await server.StartAsync(this, ct);
        _server = server;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A metadata request came into {Namespace} from {Source}, unknown there.")]
    private partial void LogUnknown(string? @namespace, IPAddress? source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metadata for instance {Instance} could not be fetched: {Reason}")]
    private partial void LogDown(Grains.Kernel.InstanceId instance, string reason);
}
