using System.Net.Http.Headers;
using System.Text.Json;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Identity.Federation;

/// <summary>What tests of federated logins do all the time.</summary>
internal sealed class FederationKit(IdentityCloud cloud)
{
    internal const string Issuer = "https://idp.test";
    internal const string Audience = "fabric";

    /// <summary>An enabled identity provider with one protocol and a mapping, and what the operator wrote about how to trust it.</summary>
    internal async Task<Provider> Trusted(string protocol, object trust, object[] rules, object? more = null)
    {
        var id = "idp-" + Guid.NewGuid().ToString("N")[..8];
        await cloud.Do("PUT", "/OS-FEDERATION/mappings/" + id, new { mapping = new { rules } });
        var body = new Dictionary<string, object?> { ["enabled"] = true };
        foreach (var property in JsonSerializer.SerializeToElement(more ?? new { }).EnumerateObject())
            body[property.Name] = property.Value;
        var made = await cloud.Do("PUT", "/OS-FEDERATION/identity_providers/" + id, new { identity_provider = body });
        await cloud.Do("PUT", $"/OS-FEDERATION/identity_providers/{id}/protocols/{protocol}", new { protocol = new { mapping_id = id } });
        var settings = new { protocols = new Dictionary<string, object> { [protocol] = trust } };
        await File.WriteAllTextAsync(Path.Combine(Folder(), id + ".json"), JsonSerializer.Serialize(settings));
        return new(id, protocol, made.GetProperty("identity_provider").GetProperty("domain_id").GetString()!);
    }

    /// <summary>The directory of the settings.</summary>
    internal string Folder() => Directory.CreateDirectory(Path.Combine(cloud.Folder, "federation")).FullName;

    /// <summary>Where one logs in.</summary>
    internal static string PathOf(Provider provider) =>
        $"/identity/v3/OS-FEDERATION/identity_providers/{provider.Id}/protocols/{provider.Protocol}/auth";

    /// <summary>Logs in with a bearer token.</summary>
    internal Task<IdentityCloud.Answer> Bring(Provider provider, string? bearer, string method = "POST")
    {
        var request = new HttpRequestMessage(new(method), PathOf(provider));
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return Send(request);
    }

    /// <summary>Logs in with a SAML response, as a browser's form or as XML.</summary>
    internal Task<IdentityCloud.Answer> BringXml(Provider provider, string xml, bool asForm = true) => Send(new(
        HttpMethod.Post, PathOf(provider))
    {
        Content = asForm
            ? new FormUrlEncodedContent([new("SAMLResponse", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(xml)))])
            : new StringContent(xml, null, "application/vnd.paos+xml"),
    });

    internal async Task<IdentityCloud.Answer> Send(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await cloud.Http.SendAsync(request);
            var content = await answer.Content.ReadAsStringAsync();
            return new((int)answer.StatusCode, content.StartsWith('{') ? JsonDocument.Parse(content).RootElement : default, answer.Headers);
        }
    }

    /// <summary>Exchanges a token for one with a scope.</summary>
    internal Task<IdentityCloud.Answer> Rescope(string token, object scope) => cloud.Send("POST", "/auth/tokens", new
    {
        auth = new { identity = new { methods = new[] { "token" }, token = new { id = token } }, scope },
    });

    /// <summary>A new group in the domain <c>default</c>.</summary>
    internal async Task<GroupId> Group(string name)
    {
        var id = GroupId.New();
        await cloud.Get<IGrainFactory>().GetGrain<IGroupGrain>(id.Text).Create(new() { Id = id, Name = name, DomainId = new("default") });
        return id;
    }

    /// <summary>Gives a group a role on a new project, and gives the project's id.</summary>
    internal async Task<string> ProjectOf(GroupId group, string role)
    {
        var made = await cloud.Do("POST", "/projects", new { project = new { name = "p-" + Guid.NewGuid().ToString("N")[..8] } });
        var project = made.GetProperty("project").GetProperty("id").GetString()!;
        var key = new AssignmentKey(AssignmentActor.Group, group.Text, AssignmentTarget.Project, project);
        await cloud.Get<IGrainFactory>().GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, new(await cloud.RoleId(role)));
        return project;
    }

    internal static string Token(IdentityCloud.Answer answer)
    {
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        return answer.Headers.GetValues("X-Subject-Token").Single();
    }

    /// <summary>A rule in Keystone's words.</summary>
    internal static object Rule(object[] local, params string[] attributes) => new
    {
        local, remote = attributes.Select(static type => new { type }).ToArray(),
    };

    internal sealed record Provider(string Id, string Protocol, string Domain);
}
