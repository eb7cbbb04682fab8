using Fabric.Grains.Kernel;

namespace Fabric.Tests.Policy;

/// <summary>Callers and little sets of rules for tests of the rules' language.</summary>
internal static class Callers
{
    internal static Caller On(string? project, params string[] roles) => new()
    {
        UserId = new("me"),
        UserName = "me",
        UserDomainId = new("home"),
        ProjectId = project is null ? null : new(project),
        ProjectDomainId = project is null ? null : new("home"),
        Roles = roles,
    };

    internal static Caller OnSystem(params string[] roles) => On(null, roles) with { SystemScope = true };

    internal static Caller OnDomain(string domain, params string[] roles) => On(null, roles) with { DomainId = new(domain) };

    internal static PolicyTarget Thing(params (string Name, string? Value)[] attributes) =>
        PolicyTarget.Of(new PolicyAttributes(attributes));
}

/// <summary>Rules as if they were a service's.</summary>
internal sealed class Rules(PolicyDialect dialect = PolicyDialect.Plain, PolicyRule[]? defaults = null, bool newDefaults = false)
{
    private readonly PolicyDefaults service = new("played", dialect, newDefaults, defaults ?? []);

    internal List<string> Complaints { get; } = [];

    internal PolicySet Compile(PolicyChoices choices) => PolicySet.Compile(service, choices, Complaints.Add);

    internal PolicySet Compile(params (string Name, string Check)[] overrides) => Compile(Choose(overrides));

    internal static PolicyChoices Choose(params (string Name, string Check)[] overrides) => new()
    {
        Rules = overrides.ToDictionary(static rule => rule.Name, static rule => new PolicyText(rule.Check)),
    };

    /// <summary>Whether a text lets the caller do it to the target.</summary>
    internal static bool Allows(string check, Caller caller, PolicyTarget target, PolicyDialect dialect = PolicyDialect.Plain)
    {
        var rule = new PolicyRule("asked", check, "Asked.");
        return new Rules(dialect, [rule]).Compile().Allows(rule, caller, target);
    }
}
