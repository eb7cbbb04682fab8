using System.Text;
using System.Text.RegularExpressions;
using Fabric.Gateway;
using Fabric.Gateway.Http;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Policy;

/// <summary>Every route of every service, asked for by everybody: what they are answered is what was agreed to.</summary>
public sealed partial class AccessMatrixTests(AccessCloud cloud) : IClassFixture<AccessCloud>
{
    private const string NoSuchId = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

    [Fact]
    public async Task Everybody_is_answered_on_every_route_as_agreed()
    {
        var text = new StringBuilder();
        var problems = new List<string>();
        text.Append("# What each is answered. A path's things are real ones of one project, on which service, reader, member, manager\n");
        text.Append("# and admin have their roles; but who may change things changes what is not there. Bodies are empty.\n");
        text.Append("# columns: ").AppendJoin(' ', cloud.Personas.Select(static persona => persona.Name)).Append('\n');
        foreach (var service in GatewayHosting.Services)
        {
            text.Append($"\n{service.Type} at {service.Prefix}\n");
            foreach (var route in service.Routes)
            {
                var answers = new List<int>();
                foreach (var persona in cloud.Personas)
                    answers.Add(await Ask(service, route, persona));
                text.Append($"{route.Method} {(route.Path.Length == 0 ? "/" : route.Path)}{Window(route)} {route.Policy.Name}:");
                text.AppendJoin("", answers.Select(static status => " " + status)).Append('\n');
                problems.AddRange(Problems(service, route, answers));
            }
        }

        Assert.Empty(problems);
        Golden.Match("access.txt", text.ToString());
    }

    /// <summary>What no agreement may say.</summary>
    private IEnumerable<string> Problems(ServiceApi service, Route route, List<int> answers)
    {
        for (var at = 0; at < answers.Count; at++)
        {
            var hasToken = cloud.Personas[at].Name is not ("none" or "garbage" or "expired");
            if (answers[at] is >= 500 and not 501 || (!hasToken && !route.Policy.IsPublic && answers[at] != 401))
                yield return $"{route.Method} {service.Prefix}{route.Path} by {cloud.Personas[at].Name}: {answers[at]}";
        }
    }

    private async Task<int> Ask(ServiceApi service, Route route, Persona persona)
    {
        var real = route.Method == "GET" || !persona.MayWrite;
        using var request = new HttpRequestMessage(new(route.Method), service.Prefix + Fill(service, route.Path, real));
        if (persona.Token is not null)
            request.Headers.Add("X-Auth-Token", persona.Token);
        if (service.Microversions is { } window)
            request.Headers.Add("OpenStack-API-Version", $"{window.ServiceType} {route.Until ?? window.Max}");
        if (route.Method is "POST" or "PUT" or "PATCH")
            request.Content = new StringContent(route.Action is { } action ? $$"""{"{{action}}": null}""" : "{}", null, "application/json");
        using var answer = await cloud.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private string Fill(ServiceApi service, string path, bool real) => Parameter().Replace(path, match =>
    {
        var thing = real ? cloud.Thing(service.Type, match.Groups["collection"].Value) : null;
        return $"{match.Groups["collection"].Value}/{thing ?? NoSuchId}";
    });

    private static string Window(Route route) => (route.Action is { } action ? $" ({action})" : "")
        + (route.Since is { } since ? $" since {since}" : "") + (route.Until is { } until ? $" until {until}" : "");

    [GeneratedRegex(@"(?<collection>[^/{}]+)/\{[^}]*\}")]
    private static partial Regex Parameter();
}
