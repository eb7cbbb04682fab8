using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Domains and their own configuration.
    public static readonly PolicyRule GetDomain =
        new("identity:get_domain",
            "rule:admin_required or (role:reader and system_scope:all) or token.domain.id:%(target.domain.id)s "
            + "or token.project.domain.id:%(target.domain.id)s",
            "Get domain.", "GET /v3/domains/{domain_id}")
        { Scopes = Everywhere, Deprecated = "rule:admin_required or token.project.domain.id:%(target.domain.id)s" };
    public static readonly PolicyRule ListDomains = Reader("identity:list_domains", "List domains.", "GET /v3/domains");
    public static readonly PolicyRule CreateDomain = Admin("identity:create_domain", "Create domain.", "POST /v3/domains");
    public static readonly PolicyRule UpdateDomain = Admin("identity:update_domain", "Update domain.", "PATCH /v3/domains/{domain_id}");
    public static readonly PolicyRule DeleteDomain = Admin("identity:delete_domain", "Delete domain.", "DELETE /v3/domains/{domain_id}");
    public static readonly PolicyRule CreateDomainConfig =
        Admin("identity:create_domain_config", "Create domain config.", "PUT /v3/domains/{domain_id}/config");
    public static readonly PolicyRule GetDomainConfig =
        Reader("identity:get_domain_config", "Get domain config.", "GET /v3/domains/{domain_id}/config",
            "GET /v3/domains/{domain_id}/config/{group}", "GET /v3/domains/{domain_id}/config/{group}/{option}");
    public static readonly PolicyRule GetSecurityComplianceDomainConfig =
        new("identity:get_security_compliance_domain_config", IdentityChecks.Anybody, "Get security compliance domain config.",
            "GET /v3/domains/{domain_id}/config/security_compliance",
            "GET /v3/domains/{domain_id}/config/security_compliance/{option}") { Scopes = Everywhere };
    public static readonly PolicyRule UpdateDomainConfig =
        Admin("identity:update_domain_config", "Update domain config.", "PATCH /v3/domains/{domain_id}/config",
            "PATCH /v3/domains/{domain_id}/config/{group}", "PATCH /v3/domains/{domain_id}/config/{group}/{option}");
    public static readonly PolicyRule DeleteDomainConfig =
        Admin("identity:delete_domain_config", "Delete domain config.", "DELETE /v3/domains/{domain_id}/config",
            "DELETE /v3/domains/{domain_id}/config/{group}", "DELETE /v3/domains/{domain_id}/config/{group}/{option}");
    public static readonly PolicyRule GetDomainConfigDefault =
        Reader("identity:get_domain_config_default", "Get domain config default.", "GET /v3/domains/config/default",
            "GET /v3/domains/config/{group}/default", "GET /v3/domains/config/{group}/{option}/default");
}
