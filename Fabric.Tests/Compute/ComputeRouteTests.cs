using System.Text;
using Fabric.Gateway.Compute;
using Fabric.Gateway.Http;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

/// <summary>The whole surface of compute: which rule guards each line, and which roles it lets through.</summary>
public sealed class ComputeRouteTests
{
    private static readonly PolicySet Policies = PolicySet.Of(ComputeApi.Api.Policies);
    private static readonly ProjectId Own = new("own");

    [Fact]
    public void Who_may_call_what_is_what_was_agreed_to()
    {
        (string Name, Caller Caller)[] personas =
        [
            ("admin", Someone(Own, "admin", "manager", "member", "reader")),
            ("member", Someone(Own, "member", "reader")),
            ("reader", Someone(Own, "reader")),
            ("nobody", Someone(null)),
        ];
        var text = new StringBuilder("# route, rule, who may for its own project; who may for another's\n");
        foreach (var route in ComputeApi.Api.Routes)
        {
            var own = Names(personas, route, new(Own, new("me")));
            var others = Names(personas, route, new(new("other"), new("other")));
            text.Append($"{route.Method} {route.Path}{(route.Action is null ? "" : $" {route.Action}")} {Window(route)}");
            text.Append($"{route.Policy.Name}: {own}; {others}\n");
        }

        Golden.Match("routes.txt", text.ToString());
    }

    [Fact]
    public void No_rule_has_two_meanings()
    {
        var rules = ComputeApi.Api.Routes.Select(static route => route.Policy).Distinct().GroupBy(static rule => rule.Name);
        Assert.All(rules, static same => Assert.Single(same));
    }

    private static string Window(Route route) =>
        (route.Since is { } since ? $"since {since} " : "") + (route.Until is { } until ? $"until {until} " : "");

    private static string Names((string Name, Caller Caller)[] personas, Route route, PolicyTarget target) =>
        string.Join(' ', personas.Where(one => Policies.Allows(route.Policy, one.Caller, target)).Select(static one => one.Name));

    private static Caller Someone(ProjectId? project, params string[] roles) => new()
    {
        UserId = new("me"), UserName = "me", UserDomainId = new("default"), ProjectId = project, Roles = roles,
    };
}
