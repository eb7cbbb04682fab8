using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary>What Glance's rules may know of an image (source: <c>ImageTarget</c> in <c>glance/api/policy.py</c>).</summary>
internal sealed class ImageTarget : IPolicyAttributes
{
    private readonly ImageView image;
    private readonly string? member;

    private ImageTarget(ImageView image, string? member)
    {
        this.image = image;
        this.member = member;
    }

    /// <summary>An image as a caller sees it: with <c>member_id</c>, when it is shared with the caller's project.</summary>
    internal static PolicyTarget Seen(ImageView image, Caller caller) =>
        Of(image, image.Members.Any(member => member.ProjectId == caller.ProjectId) ? caller.ProjectId?.Text : null);

    /// <summary>One member of an image.</summary>
    internal static PolicyTarget Member(ImageView image, ProjectId member) => Of(image, member.Text);

    private static PolicyTarget Of(ImageView image, string? member) =>
        new(image.Owner) { Attributes = new ImageTarget(image, member) };

    /// <inheritdoc/>
    public bool TryGet(string name, out string? value)
    {
        value = name switch
        {
            "owner" => image.Owner?.Text,
            "visibility" => ImageState.Name(image.Visibility),
            "status" => ImageState.Name(image.Status),
            "name" => image.Name,
            "image_id" or "id" => image.Id.Text,
            "container_format" => image.ContainerFormat,
            "disk_format" => image.DiskFormat,
            "protected" => image.Protected ? "True" : "False",
            "member_id" or "member" => member,
            _ => image.Properties.GetValueOrDefault(name),
        };
        return value is not null;
    }
}
