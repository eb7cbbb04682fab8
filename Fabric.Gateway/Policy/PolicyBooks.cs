namespace Fabric.Gateway.Policy;

/// <summary>A service's rules as they stand now. A request takes them once and is judged by them to its end.</summary>
public sealed class PolicyBook(PolicyDefaults defaults)
{
    private volatile PolicySet current = PolicySet.Of(defaults);

    /// <summary>The documented rules.</summary>
    public PolicyDefaults Defaults => defaults;

    /// <summary>The rules now.</summary>
    public PolicySet Current
    {
        get => current;
        internal set => current = value;
    }
}

/// <summary>Every service's rules.</summary>
public sealed class PolicyBooks(IEnumerable<PolicyDefaults> all)
{
    private readonly Dictionary<PolicyDefaults, PolicyBook> books = all.Distinct().ToDictionary(
        static defaults => defaults, static defaults => new PolicyBook(defaults));

    /// <summary>All of them.</summary>
    public IEnumerable<PolicyBook> All => books.Values;

    /// <summary>One service's.</summary>
    public PolicyBook this[PolicyDefaults defaults] => books[defaults];
}
