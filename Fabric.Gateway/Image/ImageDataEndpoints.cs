using Fabric.Gateway.Http;
using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary><c>/images/{image_id}/file</c>: the bytes, from the connection to the disk and back; no grain sees them.</summary>
internal static class ImageDataEndpoints
{
    internal static async Task<IResult> Upload(Call call)
    {
        var request = call.Http.Request;
        if (!string.Equals((request.ContentType ?? "").Split(';')[0].Trim(), "application/octet-stream",
            StringComparison.OrdinalIgnoreCase))
            throw new Fault(FaultKind.UnsupportedMediaType, "UnsupportedMediaType",
                "The request media type is not supported by this server.");
        var image = await ImageEndpoints.FindFor(call);
        if (image.DiskFormat is null || image.ContainerFormat is null)
            throw Fault.BadRequest("Properties disk_format, container_format must be set prior to saving data.");
        var grain = call.Grain<IImageGrain>(image.Id);
        using var upload = call.Get<ImageUploads>().Begin();
        await grain.BeginUpload(upload.Id, call.Caller);
        try
        {
            var data = await call.Get<ImageFileStore>().Write(image.Id, upload.Id, image.DiskFormat, request.Body, call.Aborted);
            await grain.CompleteUpload(upload.Id, data);
        }
        catch
        {
            // Whatever broke, the image can be uploaded to again; the error itself goes on to the client.
            await grain.AbandonUpload(upload.Id);
            throw;
        }

        return Reply.Empty();
    }

    internal static async Task<IResult> Download(Call call)
    {
        var image = await ImageEndpoints.FindFor(call);
        if (image.Status == ImageStatus.Deactivated && !call.Caller.IsAdmin)
            throw Fault.Forbidden("The requested image has been deactivated. Image data download is forbidden.");
        if (image.SizeBytes is null)
            return Reply.Empty();
        var stream = call.Get<ImageFileStore>().OpenRead(image.Id);
        call.Http.Response.Headers.ContentMD5 = image.Checksum;
        return Results.Stream(stream, "application/octet-stream", enableRangeProcessing: true);
    }
}
