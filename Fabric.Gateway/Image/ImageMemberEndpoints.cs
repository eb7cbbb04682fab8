using Fabric.Gateway.Http;
using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary><c>/images/{image_id}/members</c>: whom an image is shared with.</summary>
internal static class ImageMemberEndpoints
{
    /// <summary><c>image_member_quota</c>.</summary>
    private const int MostMembers = 128;

    internal static async Task<IResult> List(Call call)
    {
        var image = await FindShared(call);
        return Reply.Json(ImageBodies.Members(image, image.Members.Where(member => Sees(call, image, member))));
    }

    internal static async Task<IResult> Show(Call call)
    {
        var image = await FindShared(call);
        return Reply.Json(ImageBodies.Member(image, Member(call, image)));
    }

    internal static async Task<IResult> Add(Call call)
    {
        var image = await FindShared(call);
        call.Require(call.Route.Policy, ImageTarget.Seen(image, call.Caller));
        var project = new ProjectId(call.Body.GetProperty("member").GetString()!);
        if (image.Members.Any(member => member.ProjectId == project))
            throw Fault.Conflict("Duplicate", $"The target member {project} is already associated with image {image.Id}.");
        if (image.Members.Count >= MostMembers)
        {
            throw new Fault(FaultKind.TooLarge, "ImageMemberLimitExceeded",
                $"The limit has been exceeded on the number of allowed image members for this image. Attempted: "
                    + $"{image.Members.Count + 1}, Maximum: {MostMembers}");
        }

        var now = call.Get<TimeProvider>().GetUtcNow();
        var member = new ImageMember(project, "pending", now, now);
        await Save(call, image, [.. image.Members, member]);
        return Reply.Json(ImageBodies.Member(image, member));
    }

    internal static async Task<IResult> Update(Call call)
    {
        var image = await FindShared(call);
        var member = Member(call, image);
        call.Require(call.Route.Policy, ImageTarget.Member(image, member.ProjectId));
        var changed = member with { Status = call.Body.GetProperty("status").GetString()!,
            UpdatedAt = call.Get<TimeProvider>().GetUtcNow() };
        await Save(call, image, [.. image.Members.Select(each => each.ProjectId == member.ProjectId ? changed : each)]);
        return Reply.Json(ImageBodies.Member(image, changed));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var image = await FindShared(call);
        call.Require(call.Route.Policy, ImageTarget.Seen(image, call.Caller));
        var member = Member(call, image);
        await Save(call, image, [.. image.Members.Where(each => each.ProjectId != member.ProjectId)]);
        return Reply.Empty();
    }

    private static async Task<ImageView> FindShared(Call call)
    {
        var image = await ImageEndpoints.Find(call);
        return image.Visibility == ImageVisibility.Shared
            ? image
            : throw Fault.Forbidden("Only shared images have members.");
    }

    private static Task Save(Call call, ImageView image, IReadOnlyList<ImageMember> members) =>
        call.Grain<IImageGrain>(image.Id).Update(image with { Members = members }, image.UpdatedAt, call.Caller);

    private static ImageMember Member(Call call, ImageView image) =>
        image.Members.FirstOrDefault(member => member.ProjectId.Text == call.Path("member_id") && Sees(call, image, member))
        ?? throw Fault.NotFound($"{call.Path("member_id")} not found in the member list of the image {image.Id}.");

    /// <summary>The owner sees all members, a member only itself.</summary>
    private static bool Sees(Call call, ImageView image, ImageMember member) =>
        call.Caller.IsAdmin || image.Owner == call.Caller.ProjectId || member.ProjectId == call.Caller.ProjectId;
}
