using Fabric.Gateway.Http;
using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary>Images as glance writes them: one flat object, free properties beside the base ones (source: <c>glance/api/v2/images.py</c>
/// ResponseSerializer).</summary>
internal static class ImageBodies
{
    internal static Dictionary<string, object?> Image(ImageView image)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in image.Properties)
            body[name] = value;
        body["name"] = image.Name;
        body["disk_format"] = image.DiskFormat;
        body["container_format"] = image.ContainerFormat;
        body["visibility"] = ImageState.Name(image.Visibility);
        body["size"] = image.SizeBytes;
        body["virtual_size"] = image.VirtualSizeBytes;
        body["status"] = ImageState.Name(image.Status);
        body["checksum"] = image.Checksum;
        body["protected"] = image.Protected;
        body["min_ram"] = image.MinRamMiB;
        body["min_disk"] = image.MinDiskGiB;
        body["owner"] = image.Owner?.Text;
        body["os_hidden"] = image.Hidden;
        body["os_hash_algo"] = image.Sha512 is null ? null : "sha512";
        body["os_hash_value"] = image.Sha512;
        body["id"] = image.Id.Text;
        body["created_at"] = Wire.Time(image.CreatedAt);
        body["updated_at"] = Wire.Time(image.UpdatedAt);
        body["tags"] = image.Tags;
        body["self"] = $"/v2/images/{image.Id}";
        body["file"] = $"/v2/images/{image.Id}/file";
        body["schema"] = "/v2/schemas/image";
        return body;
    }

    internal static object Images(Page<ImageView> page, string query)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["images"] = page.Items.Select(Image).ToArray(),
            ["first"] = "/v2/images" + (query.Length == 0 ? "" : "?" + query),
            ["schema"] = "/v2/schemas/images",
        };
        if (page.Next is { } marker)
            body["next"] = $"/v2/images?{(query.Length == 0 ? "" : query + "&")}marker={marker}";
        return body;
    }

    internal static Dictionary<string, object?> Member(ImageView image, ImageMember member) => new(StringComparer.Ordinal)
    {
        ["member_id"] = member.ProjectId.Text,
        ["image_id"] = image.Id.Text,
        ["status"] = member.Status,
        ["created_at"] = Wire.Time(member.CreatedAt),
        ["updated_at"] = Wire.Time(member.UpdatedAt),
        ["schema"] = "/v2/schemas/member",
    };

    internal static object Members(ImageView image, IEnumerable<ImageMember> members) => new
    {
        members = members.Select(member => Member(image, member)).ToArray(),
        schema = "/v2/schemas/members",
    };
}
