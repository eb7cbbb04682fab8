using System.Reflection;

namespace Fabric.Grains.Kernel;

/// <summary>A service's documented rules, before any operator's.</summary>
public sealed class PolicyDefaults
{
    /// <summary>Gathers every rule that stands in the holders' static fields.</summary>
    /// <param name="service">OpenStack's name of the service, e.g. <c>nova</c>.</param>
    /// <param name="dialect">The words its rules may use.</param>
    /// <param name="enforceNewDefaults">Whether the checks that OpenStack has deprecated count for nothing unless asked for.</param>
    /// <param name="holders">The classes that name the rules.</param>
    /// <exception cref="ArgumentException">Two rules have the same name.</exception>
    public PolicyDefaults(string service, PolicyDialect dialect, bool enforceNewDefaults, params Type[] holders)
        : this(service, dialect, enforceNewDefaults, holders.SelectMany(InFields))
    {
    }

    /// <summary>Takes the rules themselves.</summary>
    /// <exception cref="ArgumentException">Two rules have the same name.</exception>
    public PolicyDefaults(string service, PolicyDialect dialect, bool enforceNewDefaults, IEnumerable<PolicyRule> rules)
    {
        Service = service;
        Dialect = dialect;
        EnforceNewDefaults = enforceNewDefaults;
        Rules = [.. rules];
        ByName = Rules.ToDictionary(static rule => rule.Name, StringComparer.Ordinal);
    }

    /// <summary>OpenStack's name of the service.</summary>
    public string Service { get; }

    /// <summary>The words its rules may use.</summary>
    public PolicyDialect Dialect { get; }

    /// <summary>What <c>enforce_new_defaults</c> is when nobody says.</summary>
    public bool EnforceNewDefaults { get; }

    /// <summary>Every rule.</summary>
    public IReadOnlyList<PolicyRule> Rules { get; }

    /// <summary>Every rule by its name.</summary>
    public IReadOnlyDictionary<string, PolicyRule> ByName { get; }

    private static IEnumerable<PolicyRule> InFields(Type holder) =>
        holder.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static field => field.FieldType == typeof(PolicyRule))
            .Select(static field => (PolicyRule)field.GetValue(null)!);
}
