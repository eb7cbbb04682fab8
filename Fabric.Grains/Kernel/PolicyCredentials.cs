using System.Collections.Frozen;

namespace Fabric.Grains.Kernel;

/// <summary>Reads one fact about the caller. False when there is none of the name; a null is one that is <c>None</c>.</summary>
internal delegate bool CredentialReader(Caller caller, out string? value);

/// <summary>The words by which rules name facts about the caller: what oslo.context gives every service, and what Keystone and Neutron add
/// (source: <c>oslo_context/context.py</c>, <c>keystone/common/context.py</c>, <c>neutron_lib/context.py</c>).</summary>
internal static class PolicyCredentials
{
    private static readonly Dictionary<string, CredentialReader> Common = new()
    {
        ["user_id"] = Always(static caller => caller.UserId.Text),
        ["user_domain_id"] = Always(static caller => caller.UserDomainId.Text),
        ["system_scope"] = Always(static caller => caller.SystemScope ? "all" : null),
        ["system"] = IfAny(static caller => caller.SystemScope ? "all" : null),
        ["domain_id"] = Always(static caller => caller.DomainId?.Text),
        ["project_id"] = Always(static caller => caller.ProjectId?.Text),
        ["project_domain_id"] = Always(static caller => caller.ProjectDomainId?.Text),
        ["is_admin_project"] = Always(static _ => "True"),
        ["service_user_id"] = Always(static _ => null),
        ["service_user_domain_id"] = Always(static _ => null),
        ["service_project_id"] = Always(static _ => null),
        ["service_project_domain_id"] = Always(static _ => null),
    };

    // A token's own body, which Keystone lets rules look into.
    private static readonly Dictionary<string, CredentialReader> Token = new()
    {
        ["token.user.id"] = Always(static caller => caller.UserId.Text),
        ["token.user.name"] = Always(static caller => caller.UserName),
        ["token.user.domain.id"] = Always(static caller => caller.UserDomainId.Text),
        ["token.project.id"] = IfAny(static caller => caller.ProjectId?.Text),
        ["token.project.name"] = IfAny(static caller => caller.ProjectName),
        ["token.project.domain.id"] = IfAny(static caller => caller.ProjectDomainId?.Text),
        ["token.domain.id"] = IfAny(static caller => caller.DomainId?.Text),
        ["token.system.all"] = IfAny(static caller => caller.SystemScope ? "True" : null),
    };

    private static readonly Dictionary<string, CredentialReader> Neutron = new()
    {
        ["user"] = Always(static caller => caller.UserId.Text),
        ["user_domain"] = Always(static caller => caller.UserDomainId.Text),
        ["domain"] = Always(static caller => caller.DomainId?.Text),
        ["tenant"] = Always(static caller => caller.ProjectId?.Text),
        ["project_domain"] = Always(static caller => caller.ProjectDomainId?.Text),
        ["tenant_id"] = Always(static caller => caller.ProjectId?.Text),
        ["is_admin"] = Always(static caller => caller.IsAdmin ? "True" : "False"),
    };

    private static readonly FrozenDictionary<string, CredentialReader> ForAll = Common.ToFrozenDictionary();
    private static readonly FrozenDictionary<string, CredentialReader> ForKeystone = Common.Concat(Token).ToFrozenDictionary();
    private static readonly FrozenDictionary<string, CredentialReader> ForNeutron = Common.Concat(Neutron).ToFrozenDictionary();

    /// <summary>The reader of a name; null when a service of this dialect has no such fact.</summary>
    internal static CredentialReader? Find(PolicyDialect dialect, string name) => (dialect switch
    {
        PolicyDialect.Keystone => ForKeystone,
        PolicyDialect.Neutron => ForNeutron,
        _ => ForAll,
    }).GetValueOrDefault(name);

    private static CredentialReader Always(Func<Caller, string?> read) => (Caller caller, out string? value) =>
    {
        value = read(caller);
        return true;
    };

    private static CredentialReader IfAny(Func<Caller, string?> read) => (Caller caller, out string? value) =>
    {
        value = read(caller);
        return value is not null;
    };
}
