using System.Text;
using Fabric.Gateway;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity;
using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

/// <summary>Holds every route of every service to its policy.</summary>
public sealed class RouteAccessTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private static readonly ProjectId Own = new("own");
    private static readonly UserDomainId OwnDomain = new("owndomain");

    [Fact]
    public async Task No_route_but_the_public_ones_answers_without_a_token()
    {
        foreach (var (service, route) in Everything())
        {
            using var answer = await Send(service, route, null);
            if (!route.Policy.IsPublic)
                Assert.True((int)answer.StatusCode == 401,
                    $"{route.Method} {service.Prefix}{route.Path} without a token: {(int)answer.StatusCode}");
        }
    }

    [Fact]
    public async Task No_route_of_identity_changes_anything_for_a_stranger_or_breaks()
    {
        await cloud.Do("POST", "/users", new { user = new { name = "stranger", password = "x" } });
        var token = await cloud.Login("stranger", "x");
        foreach (var (service, route) in Everything().Where(line => line.Service.Type == "identity" && !line.Route.Policy.IsPublic))
        {
            using var answer = await Send(service, route, token);
            var status = (int)answer.StatusCode;
            var asked = $"{route.Method} {service.Prefix}{route.Path} as a stranger: {status}";
            Assert.True(status < 500, asked);
            // Of credentials everybody may list the own ones.
            Assert.True(status >= 400 || route.Policy.Check is Check.Authenticated or IdentityChecks.Anybody
                || route.Policy == IdentityPolicies.ListCredentials, asked);
        }
    }

    [Fact]
    public void Who_may_call_what_is_what_was_agreed_to()
    {
        (string Name, Caller Caller)[] personas =
        [
            ("admin", Someone(null, null, false, "admin", "manager", "member", "reader")),
            ("system-reader", Someone(null, null, true, "reader")),
            ("domain-reader", Someone(null, OwnDomain, false, "reader")),
            ("manager", Someone(Own, null, false, "manager", "member", "reader")),
            ("member", Someone(Own, null, false, "member", "reader")),
            ("reader", Someone(Own, null, false, "reader")),
            ("service", Someone(Own, null, false, "service")),
            ("stranger", Someone(null, null, false)),
        ];
        var policies = PolicySet.Of(IdentityApi.Api.Policies);
        var own = Target("own", "me", "owndomain");
        var foreign = Target("other", "other", "otherdomain");
        var text = new StringBuilder("# route, rule, who may for its own things, who may for those of others\n");
        foreach (var (service, route) in Everything().Where(static line => line.Service.Type == "identity"))
        {
            text.Append(route.Method).Append(' ').Append(route.Path.Length == 0 ? "/" : route.Path).Append(" | ").Append(route.Policy.Name);
            foreach (var target in (PolicyTarget[])[own, foreign])
            {
                var who = personas.Where(persona => policies.Allows(route.Policy, persona.Caller, target)).Select(
                    static persona => persona.Name).ToArray();
                text.Append(" | ").Append(
                    route.Policy.IsPublic ? "anyone" : who.Length == personas.Length ? "everybody" : string.Join(' ', who));
            }

            text.Append('\n');
        }

        Golden.Match("policies.txt", text.ToString());
    }

    private static PolicyTarget Target(string project, string user, string domain) => new(new(project), new(user), new(domain))
    {
        Attributes = new PolicyAttributes(
            ("target.user.id", user), ("target.user.domain_id", domain), ("target.project.id", project),
            ("target.project.domain_id", domain), ("target.domain.id", domain), ("target.role.domain_id", null),
            ("target.group.domain_id", domain),
            ("target.token.user_id", user), ("target.credential.user_id", user), ("target.trust.trustor_user_id", user),
            ("target.trust.trustee_user_id", user)),
    };

    private static Caller Someone(ProjectId? project, UserDomainId? domain, bool system, params string[] roles) => new()
    {
        UserId = new("me"),
        UserName = "me",
        UserDomainId = OwnDomain,
        ProjectId = project,
        ProjectDomainId = project is null ? null : OwnDomain,
        DomainId = domain,
        SystemScope = system,
        Roles = roles,
    };

    private static IEnumerable<(ServiceApi Service, Route Route)> Everything() =>
        GatewayHosting.Services.SelectMany(static service => service.Routes.Select(route => (service, route)));

    private async Task<HttpResponseMessage> Send(ServiceApi service, Route route, string? token)
    {
        var path = System.Text.RegularExpressions.Regex.Replace(route.Path, @"\{[^}]*\}", "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a");
        using var request = new HttpRequestMessage(new(route.Method), service.Prefix + path);
        if (token is not null)
            request.Headers.Add("X-Auth-Token", token);
        if (service.Microversions is { } window)
            request.Headers.Add("OpenStack-API-Version", $"{window.ServiceType} {route.Until ?? window.Max}");
        if (route.Method is "POST" or "PUT" or "PATCH")
            request.Content = new StringContent(route.Action is { } action ? $$"""{"{{action}}": null}""" : "{}", null, "application/json");
        return await cloud.Http.SendAsync(request);
    }
}
