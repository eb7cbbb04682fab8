using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>Identity's rules under Keystone's names, with Zed's defaults (source: <c>keystone/common/policies</c>). One file for each
/// topic; here are the blocks that the others are built of, and what Fabric has a rule for and Keystone has none.</summary>
public static partial class IdentityPolicies
{
    private const PolicyScopes Everywhere = PolicyScopes.System | PolicyScopes.Domain | PolicyScopes.Project;
    private const PolicyScopes SystemOrProject = PolicyScopes.System | PolicyScopes.Project;

    public static readonly PolicyRule Discover = new("fabric:identity:discover", Check.Anyone, "Versions.", "GET /identity", "GET /v3");
    public static readonly PolicyRule IssueToken = new("fabric:identity:issue_token", Check.Anyone, "Log in.", "POST /v3/auth/tokens");
    public static readonly PolicyRule ChangePassword =
        new("fabric:identity:change_password", Check.Anyone, "Change one's own password, knowing the old one.",
            "POST /v3/users/{user_id}/password");

    public static readonly PolicyRule AdminRequired = new("admin_required", "role:admin or is_admin:1", "Admin required.");
    public static readonly PolicyRule ServiceRole = new("service_role", "role:service", "Service role.");
    public static readonly PolicyRule ServiceOrAdmin =
        new("service_or_admin", "rule:admin_required or rule:service_role", "Service or admin.");
    public static readonly PolicyRule Owner = new("owner", "user_id:%(user_id)s", "Owner.");
    public static readonly PolicyRule AdminOrOwner = new("admin_or_owner", "rule:admin_required or rule:owner", "Admin or owner.");
    public static readonly PolicyRule TokenSubject = new("token_subject", "user_id:%(target.token.user_id)s", "Token subject.");
    public static readonly PolicyRule AdminOrTokenSubject =
        new("admin_or_token_subject", "rule:admin_required or rule:token_subject", "Admin or token subject.");
    public static readonly PolicyRule ServiceAdminOrTokenSubject =
        new("service_admin_or_token_subject", "rule:service_or_admin or rule:token_subject", "Service admin or token subject.");

    private static PolicyRule Admin(string name, string description, params string[] operations) =>
        new(name, IdentityChecks.Admin, description, operations) { Scopes = SystemOrProject };

    private static PolicyRule AdminEverywhere(string name, string description, params string[] operations) =>
        new(name, IdentityChecks.Admin, description, operations) { Scopes = Everywhere };

    private static PolicyRule Reader(string name, string description, params string[] operations) =>
        new(name, IdentityChecks.AdminOrSystemReader, description, operations)
        {
            Scopes = SystemOrProject,
            Deprecated = IdentityChecks.Admin,
        };
}
