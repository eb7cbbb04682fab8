using System.Collections.Frozen;

namespace Fabric.Grains.Kernel;

/// <summary>What an operator decides about a service's rules.</summary>
public sealed record PolicyChoices
{
    /// <summary>Nothing is decided.</summary>
    public static PolicyChoices None { get; } = new();

    /// <summary>The rules of <c>policy.yaml</c> by name; each is a text, or the old form of lists.</summary>
    public IReadOnlyDictionary<string, PolicyText> Rules { get; init; } = FrozenDictionary<string, PolicyText>.Empty;

    /// <summary>Whether deprecated checks count for nothing; null for the service's own default.</summary>
    public bool? EnforceNewDefaults { get; init; }

    /// <summary>Whether a token must be scoped as the rule says.</summary>
    public bool EnforceScope { get; init; }
}

/// <summary>A rule as it is written down: a text, or the old form, lists of checks.</summary>
/// <param name="Text">The text; null for lists.</param>
/// <param name="Lists">One of these must hold, each of which holds when all in it do; null for a text.</param>
public sealed record PolicyText(string? Text, IReadOnlyList<IReadOnlyList<string>>? Lists = null);

/// <summary>
/// A service's rules, compiled: the defaults with an operator's overrides over them, as oslo.policy lays them. It never changes; a changed
/// <c>policy.yaml</c> makes another. To ask it allocates nothing.
/// </summary>
public sealed class PolicySet
{
    private const string ContextIsAdmin = "context_is_admin";

    private readonly FrozenDictionary<PolicyRule, PolicyNode> rules;
    private readonly bool enforceScope;

    /// <summary>Who may do everything without being asked further; null for nobody.</summary>
    private readonly PolicyNode? above;

    /// <summary>Who is an admin, when an operator says so; null when the role decides.</summary>
    private readonly PolicyNode? admin;

    private PolicySet(PolicyDefaults defaults, PolicyChoices choices, IReadOnlyDictionary<string, PolicyNode> byName)
    {
        rules = defaults.Rules.ToFrozenDictionary(static rule => rule, rule => rule.IsPublic ? ConstantNode.Yes : byName[rule.Name]);
        ByName = byName;
        enforceScope = choices.EnforceScope;
        // Neutron asks its admins nothing, as long as the deprecated checks may count (source: neutron/policy.py).
        if (defaults.Dialect == PolicyDialect.Neutron && choices.EnforceNewDefaults != true)
            above = byName.GetValueOrDefault(ContextIsAdmin);
        if (choices.Rules.ContainsKey(ContextIsAdmin))
            admin = byName[ContextIsAdmin];
    }

    /// <summary>Every rule there is by its name, an operator's own ones too, as oslo.policy spells it.</summary>
    public IReadOnlyDictionary<string, string> Texts => ByName.ToDictionary(
        static rule => rule.Key, static rule => rule.Value.ToString()!, StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, PolicyNode> ByName { get; }

    /// <summary>A rule's text as oslo.policy spells it: two that are spelled alike are the same rule.</summary>
    public static string TextOf(PolicyDefaults defaults, PolicyText text) =>
        PolicyCompiler.Parse(defaults, text, static _ => { }).ToString()!;

    /// <summary>Compiles the defaults alone.</summary>
    public static PolicySet Of(PolicyDefaults defaults) => Compile(defaults, PolicyChoices.None, static _ => { });

    /// <summary>Compiles. Nothing an operator writes makes this fail: what cannot be read or refers to itself lets nobody in.</summary>
    /// <param name="defaults">The service's rules.</param>
    /// <param name="choices">The operator's.</param>
    /// <param name="complain">Told once of each thing that is wrong.</param>
    public static PolicySet Compile(PolicyDefaults defaults, PolicyChoices choices, Action<string> complain) =>
        new(defaults, choices, new PolicyCompiler(defaults, choices, complain).Compile());

    /// <summary>Whether the caller may do this to the target. A rule that is none of the service's lets nobody in.</summary>
    public bool Allows(PolicyRule rule, Caller caller, in PolicyTarget target)
    {
        if (above is not null && above.Holds(new(caller, default)))
            return true;
        return rules.TryGetValue(rule, out var node) && (!enforceScope || IsInScope(rule, caller)) && node.Holds(new(caller, target));
    }

    /// <summary>Whether a rule is just <c>@</c>, or empty.</summary>
    public bool IsOpenToAll(PolicyRule rule) => rules.TryGetValue(rule, out var node) && node is ConstantNode && node.ToString() == "@";

    /// <summary>The caller as the service sees it: an admin by the operator's <c>context_is_admin</c> where there is one.</summary>
    public Caller Judge(Caller caller) => admin is null ? caller : caller with { Admin = admin.Holds(new(caller, default)) };

    private static bool IsInScope(PolicyRule rule, Caller caller)
    {
        var scope = caller.SystemScope ? PolicyScopes.System : caller.DomainId is not null ? PolicyScopes.Domain : PolicyScopes.Project;
        return rule.Scopes == PolicyScopes.Any || (rule.Scopes & scope) != 0;
    }
}
