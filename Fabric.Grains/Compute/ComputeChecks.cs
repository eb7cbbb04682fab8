using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>The checks that nova's rules are built of (source: <c>nova/policies/base.py</c>).</summary>
public static class ComputeChecks
{
    internal const string Admin = "rule:context_is_admin";
    internal const string ProjectMemberOrAdmin = "rule:project_member_or_admin";
    internal const string ProjectReaderOrAdmin = "rule:project_reader_or_admin";
    internal const string OwnerOrAdmin = "(rule:context_is_admin) or user_id:%(user_id)s";

    private const string OldAdminOrOwner = "is_admin:True or project_id:%(project_id)s";

    public static readonly PolicyRule ContextIsAdmin =
        new PolicyRule("context_is_admin", "role:admin", "Who is an admin.").Formerly("rule:admin_api", "is_admin:True");
    public static readonly PolicyRule OldOwner = new("admin_or_owner", OldAdminOrOwner, "Admins, and any role on the project.");
    public static readonly PolicyRule OldAdmin = new("admin_api", "is_admin:True", "Admins.");
    public static readonly PolicyRule ProjectMember =
        Of("project_member_api", "role:member and project_id:%(project_id)s", "Members of the project.");
    public static readonly PolicyRule ProjectReader =
        Of("project_reader_api", "role:reader and project_id:%(project_id)s", "Readers of the project.");
    public static readonly PolicyRule MemberOrAdmin =
        Of("project_member_or_admin", "rule:project_member_api or rule:context_is_admin", "Members of the project, and admins.");
    public static readonly PolicyRule ReaderOrAdmin =
        Of("project_reader_or_admin", "rule:project_reader_api or rule:context_is_admin", "Readers of the project, and admins.");

    private static PolicyRule Of(string name, string check, string description) =>
        new PolicyRule(name, check, description).Formerly("rule:admin_or_owner", OldAdminOrOwner);
}
