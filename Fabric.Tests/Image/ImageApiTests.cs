using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Image;

public sealed class ImageApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private const string Images = "/image/v2/images";
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task An_uploaded_image_comes_back_byte_for_byte_with_its_hashes()
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var id = await Create(demo, new { name = "a", disk_format = "raw", container_format = "bare" });
        await Upload(demo, id, bytes, 204);
        var image = await (await demo.GetAsync($"{Images}/{id}")).Json(200);
        Assert.Equal("active", Text(image, "status"));
        Assert.Equal(3_000_000, image.GetProperty("size").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(bytes)), Text(image, "os_hash_value"));
        using var file = await demo.GetAsync($"{Images}/{id}/file");
        Assert.Equal(bytes, await file.Content.ReadAsByteArrayAsync());
        Assert.Equal(Text(image, "checksum"), file.Content.Headers.GetValues("Content-MD5").Single());
    }

    [Fact]
    public async Task An_image_without_an_id_is_no_image_and_no_list()
    {
        Assert.Equal(404, (int)(await demo.GetAsync(Images + "/")).StatusCode);
        Assert.Equal(404, (int)(await demo.DeleteAsync(Images + "/")).StatusCode);
    }

    [Fact]
    public async Task A_new_image_has_glances_defaults()
    {
        var image = await (await demo.PostAsJsonAsync(Images, new { name = "defaults" })).Json(201);
        Assert.Equal(["queued", "shared"], [Text(image, "status"), Text(image, "visibility")]);
        Assert.Equal(JsonValueKind.Null, image.GetProperty("size").ValueKind);
        Assert.Equal($"/v2/images/{Text(image, "id")}", Text(image, "self"));
        Assert.False(image.GetProperty("protected").GetBoolean());
        Assert.Equal(0, image.GetProperty("min_disk").GetInt32());
    }

    [Fact]
    public async Task A_private_image_of_another_project_is_not_there()
    {
        var id = await Create(admin, new { name = "secret", visibility = "private", disk_format = "raw", container_format = "bare" });
        await (await demo.GetAsync($"{Images}/{id}")).Json404();
        await (await demo.GetAsync($"{Images}/{id}/file")).Json404();
        using var deleted = await demo.DeleteAsync($"{Images}/{id}");
        Assert.Equal(404, (int)deleted.StatusCode);
    }

    [Fact]
    public async Task A_public_image_of_another_project_is_seen_but_not_changed()
    {
        var id = await Create(admin, new { name = "everyones", visibility = "public", disk_format = "raw", container_format = "bare" });
        var list = await (await demo.GetAsync($"{Images}?name=everyones")).Json(200);
        Assert.Equal(id, Text(list.GetProperty("images")[0], "id"));
        using var patched = await Patch(demo, id, """[{"op": "replace", "path": "/name", "value": "mine"}]""");
        Assert.Equal(403, (int)patched.StatusCode);
        using var deleted = await demo.DeleteAsync($"{Images}/{id}");
        Assert.Equal(403, (int)deleted.StatusCode);
    }

    [Fact]
    public async Task Only_an_admin_makes_an_image_public()
    {
        using var answer = await demo.PostAsJsonAsync(Images, new { name = "x", visibility = "public" });
        Assert.Equal(403, (int)answer.StatusCode);
        Assert.Contains("You are not authorized to complete publicize_image action.", await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("""{"name": 5}""", 400)]
    [InlineData("""{"disk_format": "floppy"}""", 400)]
    [InlineData("""{"min_disk": -1}""", 400)]
    [InlineData("""{"tags": "t"}""", 400)]
    [InlineData("""{"id": "not-a-uuid"}""", 400)]
    [InlineData("""{"x": 5}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("{", 400)]
    [InlineData("", 400)]
    [InlineData("""{"status": "active"}""", 403)]
    [InlineData("""{"deleted": "true"}""", 403)]
    [InlineData("""{"os_glance_x": "y"}""", 403)]
    public async Task A_bad_body_is_refused_and_nothing_is_made(string body, int status)
    {
        using var answer = await demo.PostAsync(Images, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_qcow2_with_a_backing_file_is_refused_and_the_image_can_be_uploaded_to_again()
    {
        var id = await Create(demo, new { name = "trap", disk_format = "qcow2", container_format = "bare" });
        var bytes = new byte[1024];
        new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0, 0, 3 }.CopyTo(bytes, 0);
        bytes[15] = 1;
        await Upload(demo, id, bytes, 415);
        var image = await (await demo.GetAsync($"{Images}/{id}")).Json(200);
        Assert.Equal("queued", Text(image, "status"));
        bytes[15] = 0;
        await Upload(demo, id, bytes, 204);
    }

    [Fact]
    public async Task A_second_upload_to_an_active_image_is_a_conflict()
    {
        var id = await Create(demo, new { name = "twice", disk_format = "raw", container_format = "bare" });
        await Upload(demo, id, [1, 2, 3], 204);
        await Upload(demo, id, [4], 409);
        using var file = await demo.GetAsync($"{Images}/{id}/file");
        Assert.Equal([1, 2, 3], await file.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_patch_adds_replaces_and_removes()
    {
        var id = await Create(demo, new { name = "before", hw_x = "1" });
        var changes = """
            [{"op": "replace", "path": "/name", "value": "after"}, {"op": "add", "path": "/os_type", "value": "linux"},
             {"op": "remove", "path": "/hw_x"}, {"op": "replace", "path": "/tags", "value": ["b", "a", "b"]}]
            """;
        using var answer = await Patch(demo, id, changes);
        var image = await answer.Json(200);
        Assert.Equal(["after", "linux"], [Text(image, "name"), Text(image, "os_type")]);
        Assert.False(image.TryGetProperty("hw_x", out _));
        Assert.Equal(2, image.GetProperty("tags").GetArrayLength());
    }

    [Theory]
    [InlineData("""[{"op": "replace", "path": "/id", "value": "x"}]""", 403)]
    [InlineData("""[{"op": "replace", "path": "/nothing", "value": "x"}]""", 409)]
    [InlineData("""[{"op": "remove", "path": "/name"}]""", 403)]
    [InlineData("""[{"op": "move", "path": "/name"}]""", 400)]
    [InlineData("""[{"op": "replace", "path": "name", "value": "x"}]""", 400)]
    [InlineData("""[{"op": "replace", "path": "/name"}]""", 400)]
    [InlineData("""{"op": "replace"}""", 400)]
    [InlineData("""[5]""", 400)]
    public async Task A_bad_patch_changes_nothing(string changes, int status)
    {
        var id = await Create(demo, new { name = "steady" });
        using var answer = await Patch(demo, id, changes);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("steady", Text(await (await demo.GetAsync($"{Images}/{id}")).Json(200), "name"));
    }

    [Fact]
    public async Task A_patch_of_another_media_type_is_told_which_are_taken()
    {
        var id = await Create(demo, new { name = "typed" });
        using var answer = await demo.PatchAsync($"{Images}/{id}", new StringContent("[]", Encoding.UTF8, "application/json"));
        Assert.Equal(415, (int)answer.StatusCode);
        Assert.Contains("openstack-images-v2.1-json-patch", answer.Headers.GetValues("Accept-Patch").Single());
    }

    [Theory]
    [InlineData("name", "asc")]
    [InlineData("created_at", "desc")]
    [InlineData("size", "desc")]
    public async Task Following_the_next_links_yields_each_image_once(string key, string direction)
    {
        var tag = "page-" + Guid.NewGuid().ToString("N");
        for (var i = 0; i < 7; i++)
            await Create(demo, new { name = $"p{i % 3}", tags = new[] { tag } });
        var seen = new List<string>();
        var next = $"{Images}?tag={tag}&limit=3&sort_key={key}&sort_dir={direction}";
        while (next is not null)
        {
            var page = await (await demo.GetAsync(next)).Json(200);
            seen.AddRange(page.GetProperty("images").EnumerateArray().Select(static image => Text(image, "id")));
            next = page.TryGetProperty("next", out var link) ? "/image" + link.GetString() : null;
        }

        Assert.Equal(7, seen.Count);
        Assert.Equal(7, seen.Distinct().Count());
    }

    [Theory]
    [InlineData("limit=x")]
    [InlineData("limit=-1")]
    [InlineData("sort_key=colour")]
    [InlineData("sort_dir=up")]
    [InlineData("visibility=secret")]
    [InlineData("member_status=maybe")]
    [InlineData("marker=3f0c2a52-0000-4000-8000-000000000000")]
    public async Task A_bad_list_parameter_is_refused(string query)
    {
        using var answer = await demo.GetAsync($"{Images}?{query}");
        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_shared_image_is_listed_by_the_member_once_it_accepted()
    {
        var id = await Create(admin, new { name = "lent" });
        var project = Text((await (await demo.GetAsync("/identity/v3/auth/projects")).Json(200)).GetProperty("projects")[0], "id");
        await (await admin.PostAsJsonAsync($"{Images}/{id}/members", new { member = project })).Json(200);
        Assert.Equal(0, (await (await demo.GetAsync($"{Images}?name=lent")).Json(200)).GetProperty("images").GetArrayLength());
        await (await demo.PutAsJsonAsync($"{Images}/{id}/members/{project}", new { status = "accepted" })).Json(200);
        Assert.Equal(1, (await (await demo.GetAsync($"{Images}?name=lent")).Json(200)).GetProperty("images").GetArrayLength());
        using var removed = await demo.DeleteAsync($"{Images}/{id}/members/{project}");
        Assert.Equal(403, (int)removed.StatusCode);
    }

    [Fact]
    public async Task A_protected_image_cannot_be_deleted()
    {
        var id = await Create(demo, new Dictionary<string, object> { ["name"] = "kept", ["protected"] = true });
        using var refused = await demo.DeleteAsync($"{Images}/{id}");
        Assert.Equal(403, (int)refused.StatusCode);
        using var patched = await Patch(demo, id, """[{"op": "replace", "path": "/protected", "value": false}]""");
        using var deleted = await demo.DeleteAsync($"{Images}/{id}");
        Assert.Equal(204, (int)deleted.StatusCode);
    }

    private static async Task<string> Create(HttpClient client, object body) =>
        Text(await (await client.PostAsJsonAsync(Images, body)).Json(201), "id");

    private static async Task Upload(HttpClient client, string id, byte[] bytes, int status)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var answer = await client.PutAsync($"{Images}/{id}/file", content);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    private static Task<HttpResponseMessage> Patch(HttpClient client, string id, string changes)
    {
        var content = new StringContent(changes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/openstack-images-v2.1-json-patch");
        return client.PatchAsync($"{Images}/{id}", content);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}

internal static class ImageAnswers
{
    internal static Task Json404(this HttpResponseMessage answer)
    {
        Assert.Equal(404, (int)answer.StatusCode);
        answer.Dispose();
        return Task.CompletedTask;
    }
}
