using System.Collections.Frozen;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>Which settings a user domain may have of its own, with the defaults that clients read. Fabric keeps them for clients that
/// manage them; users stay in its own records whatever they say (source: <c>DomainConfigManager</c> in
/// <c>keystone/resource/core.py</c>).</summary>
public static class DomainConfigOptions
{
    private static readonly string[] NoNames = [];
    private static readonly string[] Ignored = ["default_project_id"];

    /// <summary>By group; values as JSON writes them.</summary>
    public static readonly FrozenDictionary<string, FrozenDictionary<string, object?>> Defaults =
        new Dictionary<string, FrozenDictionary<string, object?>>
        {
            ["identity"] = new Dictionary<string, object?> { ["driver"] = "sql", ["list_limit"] = null }.ToFrozenDictionary(),
            ["ldap"] = new Dictionary<string, object?>
            {
                ["url"] = "ldap://localhost", ["user"] = null, ["suffix"] = "cn=example,cn=com", ["query_scope"] = "one",
                ["page_size"] = 0, ["alias_dereferencing"] = "default", ["debug_level"] = null, ["chase_referrals"] = null,
                ["user_tree_dn"] = null, ["user_filter"] = null, ["user_objectclass"] = "inetOrgPerson", ["user_id_attribute"] = "cn",
                ["user_name_attribute"] = "sn", ["user_mail_attribute"] = "mail", ["user_description_attribute"] = "description",
                ["user_pass_attribute"] = "userPassword", ["user_enabled_attribute"] = "enabled", ["user_enabled_invert"] = false,
                ["user_enabled_mask"] = 0, ["user_enabled_default"] = "True", ["user_attribute_ignore"] = Ignored,
                ["user_default_project_id_attribute"] = null, ["user_enabled_emulation"] = false, ["user_enabled_emulation_dn"] = null,
                ["user_enabled_emulation_use_group_config"] = false, ["user_additional_attribute_mapping"] = NoNames,
                ["group_tree_dn"] = null, ["group_filter"] = null, ["group_objectclass"] = "groupOfNames", ["group_id_attribute"] = "cn",
                ["group_name_attribute"] = "ou", ["group_members_are_ids"] = false, ["group_member_attribute"] = "member",
                ["group_desc_attribute"] = "description", ["group_attribute_ignore"] = NoNames,
                ["group_additional_attribute_mapping"] = NoNames, ["tls_cacertfile"] = null, ["tls_cacertdir"] = null,
                ["use_tls"] = false, ["tls_req_cert"] = "demand", ["use_pool"] = true, ["pool_size"] = 10, ["pool_retry_max"] = 3,
                ["pool_retry_delay"] = 0.1, ["pool_connection_timeout"] = -1, ["pool_connection_lifetime"] = 600,
                ["use_auth_pool"] = true, ["auth_pool_size"] = 100, ["auth_pool_connection_lifetime"] = 60,
            }.ToFrozenDictionary(),
        }.ToFrozenDictionary();

    /// <summary>Whether a setting is kept but never shown.</summary>
    public static bool IsSecret(string group, string option) => group == "ldap" && option == "password";

    /// <summary>Throws when there is no such setting.</summary>
    public static void Require(string? group, string? option)
    {
        if (group is null)
            return;
        if (!Defaults.TryGetValue(group, out var options))
            throw Invalid($"Group {group} is not supported for domain specific configurations");
        if (option is not null && !options.ContainsKey(option) && !IsSecret(group, option))
            throw Invalid($"Option {option} in group {group} is not supported for domain specific configurations");
    }

    /// <summary>A setting that cannot be, or not so.</summary>
    public static Fault Invalid(string reason) =>
        new(FaultKind.Forbidden, "InvalidDomainConfig", $"Invalid domain specific configuration: {reason}.");

    /// <summary>Nothing of that kind is set.</summary>
    public static Fault NotFound(string domain, string? group, string? option)
    {
        var what = option is not null ? $"option {option} in group {group}" : group is not null ? $"group {group}" : "any options";
        return Fault.NotFound("DomainConfigNotFound", $"Could not find {what} in domain configuration for domain {domain}.");
    }
}
