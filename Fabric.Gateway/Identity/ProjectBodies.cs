using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Projects on the wire.</summary>
internal static class ProjectBodies
{
    private static readonly string[] Known = ["name", "domain_id", "enabled", "description", "tags", "parent_id", "is_domain"];

    internal static Dictionary<string, object?> Of(ProjectState project, Call call) => new Dictionary<string, object?>
    {
        ["id"] = project.Id.Text,
        ["name"] = project.Name,
        ["domain_id"] = project.DomainId.Text,
        ["description"] = project.Description,
        ["enabled"] = project.Enabled,
        ["parent_id"] = project.ParentText,
        ["is_domain"] = false,
        ["tags"] = project.Tags,
        ["options"] = IdentityReplies.Options(project.Options),
        ["links"] = IdentityReplies.SelfLink(call, "projects", project.Id.Text),
    }.WithExtra(project.Extra);

    internal static NewProject ToNew(IdentityBody body, UserDomainId domain, ProjectId? parent) => new()
    {
        Id = ProjectId.New(),
        Name = body.Text("name")!.Trim(),
        DomainId = domain,
        ParentId = parent,
        Enabled = body.Bool("enabled") ?? true,
        Description = body.DescriptionOfNew(),
        Tags = body.Texts("tags") ?? [],
        Extra = body.Extra(Known),
        Options = body.Options(),
    };

    internal static ProjectChange ToChange(IdentityBody body) => new()
    {
        Name = body.Text("name")?.Trim(),
        Enabled = body.Bool("enabled"),
        Description = body.Text("description"),
        ClearDescription = body.IsNull("description"),
        Tags = body.Texts("tags"),
        Extra = body.Extra(Known),
        Options = body.Options(),
        OptionsAlone = body.OptionsAlone(),
    };
}
