using System.Net.Http.Json;
using Fabric.Gateway.Image;
using Fabric.Grains.Image;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Fabric.Tests.Image;

public sealed class ImageCrashTests
{
    [Fact]
    public async Task An_upload_cut_off_by_a_crash_can_be_tried_again_and_leaves_no_file()
    {
        await using var cloud = await Cloud.Start();
        var demo = await cloud.Http("demo");
        var created = await (await demo.PostAsJsonAsync("/image/v2/images", new
        {
            name = "cut", disk_format = "raw", container_format = "bare",
        })).Json(201);
        var id = ImageId.Parse(created.GetProperty("id").GetString()!);
        var caller = new Caller { UserId = new("u"), UserName = "u", UserDomainId = new("default"), Roles = ["admin"] };
        await cloud.Grains.GetGrain<IImageGrain>(id).BeginUpload("lost", caller);
        var store = Path.Combine(cloud.DataDir, "image-store");
        await File.WriteAllTextAsync(Path.Combine(store, "lost.part"), "half");
        await File.WriteAllTextAsync(Path.Combine(store, ImageId.New().Text), "an image that was deleted");

        await cloud.Crash();

        await Eventually.True(async () =>
            (await cloud.Index.Find<ImageState>(ImageState.Kind, id.Text, default))!.Image!.Status == ImageStatus.Queued,
            "the image is queued again");
        await Eventually.True(() => Task.FromResult(!Directory.EnumerateFiles(store).Any()), "the store holds nothing");
        using var bytes = new ByteArrayContent(new byte[512]);
        bytes.Headers.ContentType = new("application/octet-stream");
        await (await demo.PutAsync($"/image/v2/images/{id}/file", bytes)).Json(204);
        var again = await (await demo.GetAsync(new Uri($"/image/v2/images/{id}", UriKind.Relative))).Json(200);
        Assert.Equal("active", again.GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_upload_that_another_gateway_serves_is_left_alone_until_that_gateway_dies()
    {
        await using var cloud = await Cloud.Start();
        var demo = await cloud.Http("demo");
        var created = await (await demo.PostAsJsonAsync("/image/v2/images", new { name = "elsewhere" })).Json(201);
        var id = ImageId.Parse(created.GetProperty("id").GetString()!);
        var options = Options.Create(new ImageStoreOptions { Directory = Path.Combine(cloud.DataDir, "image-store") });
        var elsewhere = new ImageUploads(new(options)).Begin();
        var caller = new Caller { UserId = new("u"), UserName = "u", UserDomainId = new("default"), Roles = ["admin"] };
        await cloud.Grains.GetGrain<IImageGrain>(id).BeginUpload(elsewhere.Id, caller);
        var reconciler = cloud.Services.GetServices<IHostedService>().OfType<ImageStoreReconciler>().Single();

        await reconciler.Reconcile(default);
        Assert.Equal(ImageStatus.Saving, (await cloud.Index.Find<ImageState>(ImageState.Kind, id.Text, default))!.Image!.Status);

        elsewhere.Dispose();
        await reconciler.Reconcile(default);
        Assert.Equal(ImageStatus.Queued, (await cloud.Index.Find<ImageState>(ImageState.Kind, id.Text, default))!.Image!.Status);
    }
}
