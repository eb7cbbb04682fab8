using System.Net;
using System.Net.Http.Headers;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Hands one guest's request to the metadata endpoint and its answer back, within limits of size and time.</summary>
internal sealed class MetadataForwarder(NetworkOptions options) : IDisposable
{
    /// <summary>What a guest may send: an encrypted password at most.</summary>
    internal const int MostBodyBytes = 64 * 1024;

    /// <summary>Whole answers in reasonable size; user data has at most 64 KiB before it is encoded.</summary>
    private const int MostAnswerBytes = 4 * 1024 * 1024;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = 64,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = TimeSpan.FromSeconds(30),
        MaxResponseContentBufferSize = MostAnswerBytes,
    };

    internal async Task Forward(HttpContext context, DesiredPort port, IPAddress source)
    {
        using var request = await Request(context, port, source);
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        if (answer.Content.Headers.ContentType is { } type)
            context.Response.ContentType = type.ToString();

        context.Response.ContentLength = answer.Content.Headers.ContentLength;
        if (!HttpMethods.IsHead(context.Request.Method)
            && answer.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified))
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public void Dispose() => _client.Dispose();

    // Of the guest's own headers none is passed on, so it cannot say anything about who it is.
    private async Task<HttpRequestMessage> Request(HttpContext context, DesiredPort port, IPAddress source)
    {
        var target = options.MetadataUrl.AbsoluteUri.TrimEnd('/')
            + context.Request.Path.ToUriComponent()
            + context.Request.QueryString.ToUriComponent();
        var request = new HttpRequestMessage(new(context.Request.Method), target);
        request.Headers.Add(MetadataHeaders.ForwardedFor, source.ToString());
        request.Headers.Add(MetadataHeaders.InstanceId, port.InstanceId.Text);
        request.Headers.Add(MetadataHeaders.TenantId, port.ProjectId.Text);
        request.Headers.Add(MetadataHeaders.Signature, NodeSignature.Sign(port.InstanceId.Text, options.MetadataSecret));
        if (context.Request.ContentLength is null or 0 && !context.Request.Headers.ContainsKey("Transfer-Encoding"))
            return request;

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        request.Content = new ByteArrayContent(body.ToArray());
        if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type))
            request.Content.Headers.ContentType = type;

        return request;
    }
}
