using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Fabric.Gateway.Forwarding;
using Fabric.Grains.Kernel;
using Fabric.NodeAgent.Storage;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Silo;

/// <summary>Gateways that send on what others must answer: each a real process.</summary>
public sealed class GatewayForwardingTests
{
    private const string Images = "/image/v2/images";

    /// <summary>More than a web server takes unless it is told to.</summary>
    private const int ImageBytes = 40_000_000;

    [SkippableFact]
    public async Task Images_go_to_the_gateway_that_keeps_them_and_its_death_is_a_503_until_it_is_back()
    {
        await using var cluster = await GatewayCluster.Start();
        var port = GatewayCluster.FreePort();
        var store = await cluster.Gateway("store", port);
        // First, so that the keys of tokens are there to be copied.
        var atStore = await cluster.Admin(store);
        var elsewhere = cluster.SharedWithoutImages();
        var other = await cluster.Gateway("other", GatewayCluster.FreePort(), "--images-at", "members", "--shared", elsewhere);
        var atOther = await cluster.Admin(other);

        var bytes = RandomNumberGenerator.GetBytes(ImageBytes);
        var id = await Create(atOther);
        using (var refused = await Upload(cluster.Http(other), id, bytes[..1000]))
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using (var uploaded = await Upload(atOther, id, bytes))
            Assert.True(uploaded.StatusCode == HttpStatusCode.NoContent, $"{uploaded.StatusCode}: {other.Log}");
        Assert.Equal(bytes, await atStore.GetByteArrayAsync(new Uri($"{Images}/{id}/file", UriKind.Relative)));
        Assert.Equal(bytes, await atOther.GetByteArrayAsync(new Uri($"{Images}/{id}/file", UriKind.Relative)));
        Assert.Equal(bytes, await AsNode(other, cluster, id));
        Assert.False(Directory.Exists(Path.Combine(elsewhere, "image-store")), "The gateway without images has some.");

        await store.Kill();
        using (var gone = await Download(atOther, id))
            await IsGlances503(gone);
        Assert.Equal(HttpStatusCode.OK, (await atOther.GetAsync(new Uri($"{Images}/{id}", UriKind.Relative))).StatusCode);
        await cluster.Gateway("store", port);
        await Eventually.True(async () =>
        {
            using var answer = await Download(atOther, id);
            var body = await answer.Content.ReadAsByteArrayAsync();
            return answer.StatusCode == HttpStatusCode.OK && body.SequenceEqual(bytes);
        }, () => $"the image can be had again: {other.Log}");
        using var deleted = await atOther.DeleteAsync(new Uri($"{Images}/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(File.Exists(Path.Combine(cluster.Shared, "image-store", id)), "The bytes of a deleted image are still there.");
    }

    [SkippableFact]
    public async Task A_request_that_was_sent_on_for_its_images_already_is_not_sent_on_again()
    {
        await using var cluster = await GatewayCluster.Start();
        var store = await cluster.Gateway("store", GatewayCluster.FreePort());
        var other = await cluster.Gateway("other", GatewayCluster.FreePort(), "--images-at", "members");
        var client = await cluster.Admin(other);
        var id = await Create(client);
        using (var once = await Download(client, id))
            Assert.Equal(HttpStatusCode.NoContent, once.StatusCode);
        client.DefaultRequestHeaders.Add(Forwarder.Marker, "images");
        using var twice = await Download(client, id);
        await IsGlances503(twice);
        Assert.Contains("Now listening on", store.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_front_loses_no_request_when_one_gateway_is_killed_and_when_one_is_told_to_stop()
    {
        await using var cluster = await GatewayCluster.Start();
        var killed = await cluster.Gateway("killed", GatewayCluster.FreePort());
        var stopped = await cluster.Gateway("stopped", GatewayCluster.FreePort());
        var front = await cluster.Gateway("front", GatewayCluster.FreePort(), "--front");
        var client = await cluster.Admin(front);
        await Answers(client, 40);
        await killed.Kill();
        await Answers(client, 40);

        await cluster.Gateway("third", GatewayCluster.FreePort());
        await Eventually.True(() => front.Log.Split("Requests to gateways now go to").Length >= 3, "the front knows the third gateway");
        var direct = cluster.Http(stopped);
        stopped.Terminate();
        await Eventually.True(async () => (await Readiness(direct)).Contains("stopping", StringComparison.Ordinal),
            "the gateway says that it stops");
        using var last = await direct.GetAsync(new Uri("/identity/v3", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        Assert.True(last.Headers.ConnectionClose, "who keeps a connection does not send into its end");
        var end = stopped.Ended();
        while (!end.IsCompleted)
            await Answers(client, 1);
        Assert.Equal(0, await end);
        await Answers(client, 40);
    }

    private static async Task Answers(HttpClient client, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var answer = await client.GetAsync(new Uri("/compute/v2.1/servers", UriKind.Relative));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static async Task<string> Readiness(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task IsGlances503(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("<h1>503 Service Unavailable</h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.StartsWith("req-", answer.Headers.GetValues("X-Openstack-Request-Id").Single(), StringComparison.Ordinal);
    }

    private static async Task<string> Create(HttpClient client)
    {
        using var created = await client.PostAsJsonAsync(Images, new { name = "a", disk_format = "raw", container_format = "bare" });
        return (await created.Json(201)).GetProperty("id").GetString()!;
    }

    private static async Task<HttpResponseMessage> Upload(HttpClient client, string id, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await client.PutAsync(new Uri($"{Images}/{id}/file", UriKind.Relative), content);
    }

    private static Task<HttpResponseMessage> Download(HttpClient client, string id) =>
        client.GetAsync(new Uri($"{Images}/{id}/file", UriKind.Relative));

    private static async Task<byte[]> AsNode(FabricProcess gateway, GatewayCluster cluster, string id)
    {
        var secret = (await File.ReadAllTextAsync(Path.Combine(cluster.Shared, "metadata-secret"))).Trim();
        using var source = new HttpImageSource(new(gateway.Address, "node/images"), "node-1", secret, TimeProvider.System);
        Assert.True(ImageId.TryParse(id, out var image));
        await using var stream = await source.Open(image, default);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
