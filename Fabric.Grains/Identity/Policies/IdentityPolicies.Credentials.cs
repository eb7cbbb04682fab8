using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Credentials and EC2 credentials.
    public static readonly PolicyRule GetCredential =
        new("identity:get_credential",
            "(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s",
            "Get credential.", "GET /v3/credentials/{credential_id}") { Scopes = SystemOrProject, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule ListCredentials =
        new("identity:list_credentials",
            "(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s",
            "List credentials.", "GET /v3/credentials") { Scopes = SystemOrProject, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule CreateCredential =
        new("identity:create_credential", "(rule:admin_required) or user_id:%(target.credential.user_id)s", "Create credential.",
            "POST /v3/credentials") { Scopes = SystemOrProject, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule UpdateCredential =
        new("identity:update_credential", "(rule:admin_required) or user_id:%(target.credential.user_id)s", "Update credential.",
            "PATCH /v3/credentials/{credential_id}") { Scopes = SystemOrProject, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule DeleteCredential =
        new("identity:delete_credential", "(rule:admin_required) or user_id:%(target.credential.user_id)s", "Delete credential.",
            "DELETE /v3/credentials/{credential_id}") { Scopes = SystemOrProject, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule Ec2GetCredential =
        new("identity:ec2_get_credential",
            "(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s",
            "EC2 get credential.", "GET /v3/users/{user_id}/credentials/OS-EC2/{credential_id}")
        { Scopes = SystemOrProject, Deprecated = "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)" };
    public static readonly PolicyRule Ec2ListCredentials =
        new("identity:ec2_list_credentials",
            "(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)",
            "EC2 list credentials.", "GET /v3/users/{user_id}/credentials/OS-EC2")
        { Scopes = SystemOrProject, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule Ec2CreateCredential =
        new("identity:ec2_create_credential",
            "(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)",
            "EC2 create credential.", "POST /v3/users/{user_id}/credentials/OS-EC2")
        { Scopes = SystemOrProject, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule Ec2DeleteCredential =
        new("identity:ec2_delete_credential",
            "(rule:admin_required) or user_id:%(target.credential.user_id)s",
            "EC2 delete credential.", "DELETE /v3/users/{user_id}/credentials/OS-EC2/{credential_id}")
        { Scopes = SystemOrProject, Deprecated = "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)" };
}
