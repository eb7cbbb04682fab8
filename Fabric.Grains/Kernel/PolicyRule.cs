using System.Runtime.CompilerServices;

namespace Fabric.Grains.Kernel;

/// <summary>Where a token may be scoped to for a rule (oslo.policy's <c>scope_types</c>).</summary>
[Flags]
public enum PolicyScopes
{
    /// <summary>Any token: the rule says nothing of scopes.</summary>
    Any = 0,

    /// <summary>The whole system.</summary>
    System = 1,

    /// <summary>A user domain.</summary>
    Domain = 2,

    /// <summary>A project.</summary>
    Project = 4,
}

/// <summary>The checks that rules of all services share, in oslo.policy's language.</summary>
public static class Check
{
    /// <summary>Nobody is asked for anything, not even a token. No check of the language: no operator can write it.</summary>
    public const string Anyone = "fabric-public";

    /// <summary>Any valid token.</summary>
    public const string Authenticated = "@";

    /// <summary>The role admin, wherever it is held.</summary>
    public const string Admin = "role:admin";
}

/// <summary>One documented default under OpenStack's own name. An operator's <c>policy.yaml</c> may replace its check.</summary>
/// <param name="Name">E.g. <c>os_compute_api:servers:create</c>.</param>
/// <param name="Check">Who may, in oslo.policy's language.</param>
/// <param name="Description">What it allows.</param>
/// <param name="Operations">The requests it guards, e.g. <c>POST /servers</c>.</param>
public sealed record PolicyRule(string Name, string Check, string Description, params string[] Operations)
{
    /// <summary>Where the token is to be scoped to; held to only under <c>enforce_scope</c>.</summary>
    public PolicyScopes Scopes { get; init; }

    /// <summary>The check before this one, which still lets in whom it let in, unless <c>enforce_new_defaults</c>; null for none.</summary>
    public string? Deprecated { get; init; }

    /// <summary>The name before this one: an override under it counts while there is none under the new; null for none.</summary>
    public string? DeprecatedName { get; init; }

    /// <summary>Whether <see cref="Deprecated"/> counts even under <c>enforce_new_defaults</c>: for a rule whose new check alone leaves
    /// out whom the API is for.</summary>
    public bool KeepsDeprecated { get; init; }

    /// <summary>The same rule, which had another name or another check before.</summary>
    public PolicyRule Formerly(string name, string check) => this with { DeprecatedName = name, Deprecated = check };

    /// <summary>True when the request needs no token at all.</summary>
    public bool IsPublic => Check == Kernel.Check.Anyone;

    /// <summary>True for a rule of Fabric's own, which OpenStack does not have.</summary>
    public bool IsOwn => Name.StartsWith("fabric:", StringComparison.Ordinal);

    /// <summary>A rule is itself alone: it is looked up with every request, and that is not to compare its texts.</summary>
    public bool Equals(PolicyRule? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}
