using Fabric.Grains.Kernel;

namespace Fabric.Grains.Image;

/// <summary>Glance's rules with the defaults of its secure role-based policy (source: <c>glance/policies/image.py</c>).</summary>
public static class ImagePolicies
{
    public static readonly PolicyRule Add = new("add_image", Check.ProjectMemberOrAdmin, "Create new image", "POST /v2/images");
    public static readonly PolicyRule Get = new(
        "get_image", Check.ProjectReaderOrAdmin, "Get specified image", "GET /v2/images/{image_id}");
    public static readonly PolicyRule List = new("get_images", Check.ProjectReaderOrAdmin, "Get all available images", "GET /v2/images");
    public static readonly PolicyRule Modify = new(
        "modify_image", Check.ProjectMemberOrAdmin, "Updates given image", "PATCH /v2/images/{image_id}");
    public static readonly PolicyRule Delete = new(
        "delete_image", Check.ProjectMemberOrAdmin, "Deletes the image", "DELETE /v2/images/{image_id}");
    public static readonly PolicyRule Publicize = new(
        "publicize_image", Check.Admin, "Publicize given image", "PATCH /v2/images/{image_id}");
    public static readonly PolicyRule Communitize =
        new("communitize_image", Check.ProjectMemberOrAdmin, "Communitize given image", "PATCH /v2/images/{image_id}");

    /// <summary>Signed by the secret that nodes share with gateways, not by a token.</summary>
    public static readonly PolicyRule DownloadByNode =
        new("fabric:node:download_image", Check.Anyone, "Fetch an image's data for a server's disk.", "GET /node/images/{image_id}");
    public static readonly PolicyRule Download = new(
        "download_image", Check.ProjectReaderOrAdmin, "Downloads given image", "GET /v2/images/{image_id}/file");
    public static readonly PolicyRule Upload = new(
        "upload_image", Check.ProjectMemberOrAdmin, "Uploads data to specified image", "PUT /v2/images/{image_id}/file");
    public static readonly PolicyRule Deactivate =
        new("deactivate", Check.ProjectMemberOrAdmin, "Deactivate image", "POST /v2/images/{image_id}/actions/deactivate");
    public static readonly PolicyRule Reactivate =
        new("reactivate", Check.ProjectMemberOrAdmin, "Reactivate image", "POST /v2/images/{image_id}/actions/reactivate");
    public static readonly PolicyRule AddMember = new(
        "add_member", Check.ProjectMemberOrAdmin, "Create image member", "POST /v2/images/{image_id}/members");
    public static readonly PolicyRule DeleteMember =
        new("delete_member", Check.ProjectMemberOrAdmin, "Delete image member", "DELETE /v2/images/{image_id}/members/{member_id}");
    public static readonly PolicyRule GetMembers = new(
        "get_members", Check.ProjectReaderOrAdmin, "List image members", "GET /v2/images/{image_id}/members");
    public static readonly PolicyRule GetMember =
        new("get_member", Check.ProjectReaderOrAdmin, "Show image member details", "GET /v2/images/{image_id}/members/{member_id}");
    public static readonly PolicyRule ModifyMember =
        new("modify_member", Check.ProjectMemberOrAdmin, "Update image member", "PUT /v2/images/{image_id}/members/{member_id}");
    public static readonly PolicyRule Discover =
        new("fabric:image_discovery", Check.Authenticated, "Schemas and stores of the image service", "GET /v2/schemas/{name}",
            "GET /v2/info/stores");
    public static readonly PolicyRule Versions = new(
        "fabric:image_versions", Check.Anyone, "Discover versions.", "GET /image", "GET /image/versions");
}
