using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary><c>/images</c>: records, not bytes.</summary>
internal static class ImageEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var now = call.Get<TimeProvider>().GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        var id = call.Body.TryGetProperty("id", out var given) ? ImageId.Parse(given.GetString()!) : ImageId.New();
        var image = new ImageView
        {
            Id = id,
            Status = ImageStatus.Queued,
            Visibility = ImageVisibility.Shared,
            Owner = call.Caller.ProjectId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        foreach (var attribute in call.Body.EnumerateObject().Where(static attribute => attribute.Name != "id"))
        {
            if (ImageSchemas.ReadOnly.Contains(attribute.Name))
                throw Fault.Forbidden($"Attribute '{attribute.Name}' is read-only.");
            image = ImageAttributes.Set(image, attribute.Name, attribute.Value);
        }

        CheckOwner(call, image);
        call.Require(call.Route.Policy, ImageTarget.Seen(image, call.Caller));
        CheckVisibility(call, null, image);
        var created = await call.Grain<IImageGrain>(id).Create(image, call.Caller);
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/images/{id}";
        call.Http.Response.Headers["OpenStack-image-import-methods"] = "";
        return Reply.Json(ImageBodies.Image(created), 201);
    }

    internal static async Task<IResult> List(Call call) =>
        Reply.Json(ImageBodies.Images(await ImageList.Read(call), ImageList.QueryWithoutMarker(call)));

    internal static async Task<IResult> Show(Call call) => Reply.Json(ImageBodies.Image(await Find(call)));

    internal static async Task<IResult> Update(Call call)
    {
        var before = await FindFor(call);
        var after = ImagePatch.Apply(before, call);
        CheckOwner(call, after);
        CheckVisibility(call, before, after);
        return Reply.Json(ImageBodies.Image(await call.Grain<IImageGrain>(before.Id).Update(after, before.UpdatedAt, call.Caller)));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var image = await FindFor(call, id => Fault.NotFound($"Failed to find image {id} to delete"));
        await call.Grain<IImageGrain>(image.Id).Delete(call.Caller);
        call.Get<ImageFileStore>().Delete(image.Id);
        return Reply.Empty();
    }

    internal static async Task<IResult> AddTag(Call call)
    {
        var tag = call.Path("tag");
        if (tag.Length > 255)
            throw Fault.BadRequest("Provided object does not match schema 'image': tag is too long");
        var image = await FindFor(call);
        await call.Grain<IImageGrain>(image.Id).Update(
            image with { Tags = ImageAttributes.Tags([.. image.Tags, tag]) }, image.UpdatedAt, call.Caller);
        return Reply.Empty();
    }

    internal static async Task<IResult> RemoveTag(Call call)
    {
        var tag = call.Path("tag");
        var image = await FindFor(call);
        if (!image.Tags.Contains(tag))
            throw Fault.NotFound($"Could not find tag {tag} in the image.");
        await call.Grain<IImageGrain>(image.Id).Update(
            image with { Tags = [.. image.Tags.Where(each => each != tag)] }, image.UpdatedAt, call.Caller);
        return Reply.Empty();
    }

    internal static Task<IResult> Deactivate(Call call) => SetActive(call, false);

    internal static Task<IResult> Reactivate(Call call) => SetActive(call, true);

    /// <summary>The image of the path, if the caller may see it.</summary>
    internal static async Task<ImageView> Find(Call call, Func<string, Fault>? notFound = null)
    {
        notFound ??= static id => Fault.NotFound("ImageNotFound", $"No image found with ID {id}");
        var id = call.PathId<ImageId>("image_id", notFound);
        try
        {
            var image = await call.Grain<IImageGrain>(id).Get(call.Caller);
            return call.Allows(ImagePolicies.Get, ImageTarget.Seen(image, call.Caller)) ? image : throw notFound(id.Text);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.NotFound)
        {
            throw notFound(id.Text);
        }
    }

    /// <summary>The image of the path, to which the route's rule lets the caller do it; one that it only sees is a 403.</summary>
    internal static async Task<ImageView> FindFor(Call call, Func<string, Fault>? notFound = null)
    {
        var image = await Find(call, notFound);
        call.Require(call.Route.Policy, ImageTarget.Seen(image, call.Caller));
        return image;
    }

    private static async Task<IResult> SetActive(Call call, bool active)
    {
        var image = await FindFor(call);
        await call.Grain<IImageGrain>(image.Id).SetActive(active, call.Caller);
        return Reply.Empty();
    }

    private static void CheckOwner(Call call, ImageView image)
    {
        if (!call.Caller.IsAdmin && image.Owner != call.Caller.ProjectId)
            throw Fault.Forbidden($"You are not permitted to create images owned by '{image.Owner}'.");
    }

    private static void CheckVisibility(Call call, ImageView? before, ImageView after)
    {
        if (before?.Visibility == after.Visibility)
            return;
        if (after.Visibility == ImageVisibility.Public)
            call.Require(ImagePolicies.Publicize, ImageTarget.Seen(after, call.Caller));
        if (after.Visibility == ImageVisibility.Community)
            call.Require(ImagePolicies.Communitize, ImageTarget.Seen(after, call.Caller));
    }
}
