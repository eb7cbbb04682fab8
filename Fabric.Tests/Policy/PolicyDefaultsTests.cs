using System.Reflection;
using Fabric.Gateway;
using Fabric.Gateway.Policy;
using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;
using static Fabric.Tests.Policy.Callers;

namespace Fabric.Tests.Policy;

/// <summary>The services' documented rules, and how an operator's choices lie over them.</summary>
public sealed class PolicyDefaultsTests
{
    private static readonly PolicyTarget Own = new(new ProjectId("p"));

    private static readonly PolicyRule New = new PolicyRule("thing:list", "role:reader", "List things.") { Scopes = PolicyScopes.Project }
        .Formerly("things", "role:observer");

    public static TheoryData<string> Services => [.. ServicePolicies.All.Select(static service => service.Service)];

    [Fact]
    public void Every_route_has_a_rule_of_its_service()
    {
        foreach (var service in GatewayHosting.Services)
        {
            foreach (var route in service.Routes.Concat(service.Discovery))
            {
                var known = service.Policies.ByName.GetValueOrDefault(route.Policy.Name);
                Assert.True(ReferenceEquals(known, route.Policy), $"{route.Method} {service.Prefix}{route.Path}: {route.Policy.Name}");
            }
        }
    }

    [Fact]
    public void Every_rule_is_some_services()
    {
        var declared = typeof(IdentityPolicies).Assembly.GetTypes().SelectMany(static type =>
            type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(static field => field.FieldType == typeof(PolicyRule)).Select(static field => (PolicyRule)field.GetValue(null)!);
        Assert.Empty(declared.Except(ServicePolicies.All.SelectMany(static service => service.Rules)).Select(static rule => rule.Name));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Nothing_is_wrong_with_the_documented_rules(string name)
    {
        var complaints = new List<string>();
        foreach (var newDefaults in (bool?[])[null, true, false])
        {
            PolicySet.Compile(ServicePolicies.All.Single(service => service.Service == name),
                new PolicyChoices { EnforceNewDefaults = newDefaults }, complaints.Add);
        }

        Assert.Empty(complaints);
    }

    [Fact]
    public void A_deprecated_check_counts_beside_the_new_one_unless_new_defaults_are_enforced()
    {
        var set = new Rules(defaults: [New]).Compile();
        Assert.True(set.Allows(New, On("p", "observer"), Own));
        Assert.True(set.Allows(New, On("p", "reader"), Own));
        set = new Rules(defaults: [New]).Compile(new PolicyChoices { EnforceNewDefaults = true });
        Assert.False(set.Allows(New, On("p", "observer"), Own));
        Assert.False(new Rules(defaults: [New], newDefaults: true).Compile().Allows(New, On("p", "observer"), Own));
        var kept = New with { KeepsDeprecated = true };
        Assert.True(new Rules(defaults: [kept], newDefaults: true).Compile().Allows(kept, On("p", "observer"), Own));
    }

    [Fact]
    public void An_override_replaces_both_checks_and_one_by_the_old_name_counts_while_there_is_none_by_the_new()
    {
        var set = new Rules(defaults: [New]).Compile(("thing:list", "role:x"));
        Assert.True(set.Allows(New, On("p", "x"), Own));
        Assert.False(set.Allows(New, On("p", "reader", "observer"), Own));
        var rules = new Rules(defaults: [New]);
        set = rules.Compile(("things", "role:x"));
        Assert.True(set.Allows(New, On("p", "x"), Own));
        Assert.False(set.Allows(New, On("p", "reader", "observer"), Own));
        Assert.Equal(["things is deprecated: write thing:list"], rules.Complaints);
        set = new Rules(defaults: [New]).Compile(("things", "role:x"), ("thing:list", "role:y"));
        Assert.False(set.Allows(New, On("p", "x"), Own));
        Assert.True(set.Allows(New, On("p", "y"), Own));
        set = new Rules(defaults: [New]).Compile(("things", "rule:thing:list"));
        Assert.True(set.Allows(New, On("p", "reader"), Own));
    }

    [Fact]
    public void A_token_out_of_scope_is_refused_only_where_scopes_are_enforced()
    {
        var set = new Rules(defaults: [New]).Compile();
        Assert.True(set.Allows(New, OnSystem("reader"), Own));
        set = new Rules(defaults: [New]).Compile(new PolicyChoices { EnforceScope = true });
        Assert.False(set.Allows(New, OnSystem("reader"), Own));
        Assert.False(set.Allows(New, OnDomain("d", "reader"), Own));
        Assert.True(set.Allows(New, On("p", "reader"), Own));
    }

    [Fact]
    public void Zeds_own_mode_lets_a_reader_write_where_Fabrics_does_not()
    {
        var create = Fabric.Grains.Compute.ServerPolicies.Create;
        Assert.False(PolicySet.Of(ServicePolicies.Nova).Allows(create, On("p", "reader"), Own));
        Assert.True(Zed(ServicePolicies.Nova).Allows(create, On("p", "reader"), Own));
        var network = Fabric.Grains.Network.NetworkPolicies.CreateNetwork;
        Assert.False(PolicySet.Of(ServicePolicies.Neutron).Allows(network, On("p", "reader"), Own));
        Assert.True(Zed(ServicePolicies.Neutron).Allows(network, On("p", "reader"), Own));

        static PolicySet Zed(PolicyDefaults service) =>
            PolicySet.Compile(service, new PolicyChoices { EnforceNewDefaults = false }, static _ => { });
    }

    [Fact]
    public void An_operators_context_is_admin_decides_who_is_an_admin()
    {
        var set = PolicySet.Compile(ServicePolicies.Nova, Rules.Choose(("context_is_admin", "role:operator")), static _ => { });
        Assert.True(set.Judge(On("p", "operator")).IsAdmin);
        Assert.False(set.Judge(On("p", "admin")).IsAdmin);
        Assert.True(PolicySet.Of(ServicePolicies.Nova).Judge(On("p", "admin")).IsAdmin);
    }

    [Fact]
    public void Neutron_asks_its_admins_nothing_unless_new_defaults_are_enforced()
    {
        var rule = Fabric.Grains.Network.NetworkPolicies.CreateGroup;
        Assert.True(PolicySet.Of(ServicePolicies.Neutron).Allows(rule, On("q", "admin"), Own));
        var strict = PolicySet.Compile(ServicePolicies.Neutron, new PolicyChoices { EnforceNewDefaults = true }, static _ => { });
        Assert.False(strict.Allows(rule, On("q", "admin"), Own));
    }
}
