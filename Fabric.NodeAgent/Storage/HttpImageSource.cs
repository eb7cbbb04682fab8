using System.Net;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Storage;

/// <summary>Images from a gateway, for a node that has no store beside it. The bytes are checked by <see cref="ImageCache"/>, which knows
/// what they must be.</summary>
internal sealed class HttpImageSource(Uri images, string node, string secret, TimeProvider time) : IImageSource, IDisposable
{
    // The timeout is for the answer's head: how long the bytes may take, and stand still, is the reader's care.
    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <inheritdoc/>
    public async Task<Stream> Open(ImageId id, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{images.AbsoluteUri.TrimEnd('/')}/{id.Text}");
        foreach (var (name, value) in NodeRequest.Headers(node, $"GET images/{id.Text}", time.GetUtcNow(), secret))
            request.Headers.Add(name, value);
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        try
        {
            if (answer.StatusCode == HttpStatusCode.NotFound)
                throw Fault.NotFound("ImageNotFound", $"Image {id} could not be found.");
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsStreamAsync(ct);
        }
        catch (Exception)
        {
            answer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();
}
