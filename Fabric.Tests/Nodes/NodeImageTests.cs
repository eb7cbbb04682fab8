using System.Net;
using System.Net.Http.Json;
using Fabric.Gateway.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Storage;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fabric.Tests.Nodes;

/// <summary>Images by the way of a node that has no store beside it.</summary>
public sealed class NodeImageTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 3_000_000).Select(static at => (byte)(at * 7))];

    [Fact]
    public async Task A_node_fetches_an_image_from_a_gateway_by_the_secret_they_share()
    {
        await using var cloud = await Cloud.Start();
        var id = await Upload(cloud);
        using var source = Source(cloud, Secret(cloud), TimeProvider.System);

        await using var stream = await source.Open(id, default);
        using var fetched = new MemoryStream();
        await stream.CopyToAsync(fetched);

        Assert.Equal(Bytes, fetched.ToArray());
        var missing = await Assert.ThrowsAsync<Fault>(() => source.Open(ImageId.New(), default));
        Assert.Equal(FaultKind.NotFound, missing.Kind);
    }

    [Fact]
    public async Task Who_does_not_know_the_secret_or_repeats_an_old_request_gets_nothing()
    {
        await using var cloud = await Cloud.Start();
        var id = await Upload(cloud);

        using var stranger = Source(cloud, "guessed", TimeProvider.System);
        await Refused(() => stranger.Open(id, default));
        using var late = Source(cloud, Secret(cloud), new FakeTime(DateTimeOffset.UtcNow.AddMinutes(-6)));
        await Refused(() => late.Open(id, default));
        using var anonymous = new HttpClient();
        using var answer = await anonymous.GetAsync(new Uri(Url(cloud), $"images/{id.Text}"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private static async Task Refused(Func<Task> ask) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<HttpRequestException>(ask)).StatusCode);

    private static async Task<ImageId> Upload(Cloud cloud)
    {
        var demo = await cloud.Http("demo");
        var body = new { name = "bytes", disk_format = "raw", container_format = "bare" };
        var created = await (await demo.PostAsJsonAsync("/image/v2/images", body)).Json(201);
        var id = created.GetProperty("id").GetString()!;
        using var content = new ByteArrayContent(Bytes);
        content.Headers.ContentType = new("application/octet-stream");
        using var uploaded = await demo.PutAsync($"/image/v2/images/{id}/file", content);
        Assert.Equal(HttpStatusCode.NoContent, uploaded.StatusCode);
        return ImageId.Parse(id);
    }

    private static HttpImageSource Source(Cloud cloud, string secret, TimeProvider time) =>
        new(new Uri(Url(cloud), "images"), "node-1", secret, time);

    private static Uri Url(Cloud cloud) => new(cloud.Address, "/node/");

    private static string Secret(Cloud cloud) => cloud.Services.GetRequiredService<IOptions<MetadataOptions>>().Value.SharedSecret;
}
