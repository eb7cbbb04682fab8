using Fabric.Grains.Kernel;

namespace Fabric.Grains.Image;

/// <summary>Glance's rules (source: <c>glance/policies</c>).</summary>
public static class ImagePolicies
{
    private const string Member = "role:admin or (role:member and project_id:%(project_id)s)";
    private const string Reader = "role:admin or (role:reader and project_id:%(project_id)s)";
    private const string ReaderOrImageMember = "role:admin or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)";
    private const string Visible = "project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s"
        + " or 'public':%(visibility)s or 'shared':%(visibility)s";
    private const string Sees = $"role:admin or (role:reader and ({Visible}))";
    private const string MemberWhoSees = $"role:admin or (role:member and ({Visible}))";

    public static readonly PolicyRule Default =
        new PolicyRule("default", "", "What other rules were before.").Formerly("default", "role:admin");
    public static readonly PolicyRule ContextIsAdmin = new("context_is_admin", "role:admin", "Who is an admin.");
    public static readonly PolicyRule Add = Of("add_image",
            "role:admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)",
            "Create new image", "POST /v2/images");
    public static readonly PolicyRule Get = Of("get_image", Sees, "Get specified image", "GET /v2/images/{image_id}");
    public static readonly PolicyRule List = Of("get_images", Reader, "Get all available images", "GET /v2/images");
    public static readonly PolicyRule Modify = Of("modify_image", Member, "Updates given image", "PATCH /v2/images/{image_id}");
    public static readonly PolicyRule Delete = Of("delete_image", Member, "Deletes the image", "DELETE /v2/images/{image_id}");
    public static readonly PolicyRule Publicize =
        new("publicize_image", Check.Admin, "Publicize given image", "PATCH /v2/images/{image_id}") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule Communitize =
        Of("communitize_image", Member, "Communitize given image", "PATCH /v2/images/{image_id}");

    /// <summary>Signed by the secret that nodes share with gateways, not by a token.</summary>
    public static readonly PolicyRule DownloadByNode =
        new("fabric:node:download_image", Check.Anyone, "Fetch an image's data for a server's disk.", "GET /node/images/{image_id}");
    public static readonly PolicyRule Download =
        Of("download_image", MemberWhoSees, "Downloads given image", "GET /v2/images/{image_id}/file");
    public static readonly PolicyRule Upload =
        Of("upload_image", Member, "Uploads data to specified image", "PUT /v2/images/{image_id}/file");
    public static readonly PolicyRule Deactivate =
        Of("deactivate", Member, "Deactivate image", "POST /v2/images/{image_id}/actions/deactivate");
    public static readonly PolicyRule Reactivate =
        Of("reactivate", Member, "Reactivate image", "POST /v2/images/{image_id}/actions/reactivate");
    public static readonly PolicyRule AddMember = Of("add_member", Member, "Create image member", "POST /v2/images/{image_id}/members");
    public static readonly PolicyRule DeleteMember =
        Of("delete_member", Member, "Delete image member", "DELETE /v2/images/{image_id}/members/{member_id}");
    public static readonly PolicyRule GetMembers =
        Of("get_members", ReaderOrImageMember, "List image members", "GET /v2/images/{image_id}/members");
    public static readonly PolicyRule GetMember =
        Of("get_member", ReaderOrImageMember, "Show image member details", "GET /v2/images/{image_id}/members/{member_id}");
    public static readonly PolicyRule ModifyMember =
        Of("modify_member", "role:admin or (role:member and project_id:%(member_id)s)", "Update image member",
            "PUT /v2/images/{image_id}/members/{member_id}");
    public static readonly PolicyRule Discover =
        new("fabric:image_discovery", Check.Authenticated, "Schemas and stores of the image service", "GET /v2/schemas/{name}",
            "GET /v2/info/stores");
    public static readonly PolicyRule Versions = new(
        "fabric:image_versions", Check.Anyone, "Discover versions.", "GET /image", "GET /image/versions");

    private static PolicyRule Of(string name, string check, string description, params string[] operations) =>
        new(name, check, description, operations) { Scopes = PolicyScopes.Project, Deprecated = "rule:default" };
}
