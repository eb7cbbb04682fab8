using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Grains.Identity;
using Fabric.Tests.Identity;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Options;

namespace Fabric.Tests.Policy;

/// <summary>One who asks, by what the matrix calls it.</summary>
/// <param name="Name">E.g. <c>reader</c>.</param>
/// <param name="Token">What it shows; null for nothing.</param>
/// <param name="MayWrite">Whether it may change things of the project, so that it is not to be let near the real ones.</param>
internal sealed record Persona(string Name, string? Token, bool MayWrite = false);

/// <summary>A cloud with somebody of each kind in it, and with one thing of each kind that belongs to one project.</summary>
public sealed class AccessCloud : IAsyncLifetime
{
    private readonly IdentityCloud cloud = new();
    private readonly Dictionary<string, string> things = new(StringComparer.Ordinal);

    internal HttpClient Http => cloud.Http;

    internal IReadOnlyList<Persona> Personas { get; private set; } = [];

    /// <summary>The id of the project's one thing in a collection; null when it has none.</summary>
    internal string? Thing(string service, string collection) => things.GetValueOrDefault($"{service}/{collection}");

    public async Task InitializeAsync()
    {
        await cloud.InitializeAsync();
        await cloud.Do("POST", "/roles", new { role = new { name = "service" } });
        var project = Id(await cloud.Do("POST", "/projects", new { project = new { name = "own" } }), "project");
        var other = Id(await cloud.Do("POST", "/projects", new { project = new { name = "other" } }), "project");
        var onProject = new { project = new { id = project } };
        var member = await Login("member", $"/projects/{project}", "member", onProject);
        Personas =
        [
            new("none", null),
            new("garbage", "gAAAAABnot-a-token-at-all"),
            new("expired", await Expired("late", $"/projects/{project}", onProject)),
            new("unscoped", await Login("unscoped", null, null, null)),
            new("stranger", await Login("stranger", $"/projects/{other}", "member", new { project = new { id = other } })),
            new("service", await Login("helper", $"/projects/{project}", "service", onProject)),
            new("reader", await Login("reader", $"/projects/{project}", "reader", onProject)),
            new("member", member, true),
            new("manager", await Login("manager", $"/projects/{project}", "manager", onProject), true),
            new("admin", await Login("boss", $"/projects/{project}", "admin", onProject), true),
            new("domain-reader", await Login("domain-reader", "/domains/default", "reader", new { domain = new { id = "default" } })),
            new("domain-admin", await Login("domain-admin", "/domains/default", "admin", new { domain = new { id = "default" } }), true),
            new("system-reader", await Login("system-reader", "/system", "reader", new { system = new { all = true } })),
            new("system-admin", await Login("system-admin", "/system", "admin", new { system = new { all = true } }), true),
        ];
        things["identity/users"] = (await cloud.Do("GET", "/users?name=member")).GetProperty("users")[0].GetProperty("id").GetString()!;
        things["identity/projects"] = project;
        things["identity/domains"] = "default";
        things["identity/roles"] = await cloud.RoleId("reader");
        things["identity/regions"] = "RegionOne";
        things["compute/os-quota-sets"] = things["network/quotas"] = project;
        await MakeThings(member);
    }

    public Task DisposeAsync() => cloud.DisposeAsync();

    private async Task MakeThings(string member)
    {
        Task<string> Make(string path, string key, object body) => Post(member, path, key, body);
        const string network = "/networking/v2.0/";
        things["network/networks"] = await Make(network + "networks", "network", new { network = new { name = "n" } });
        things["network/subnets"] = await Make(network + "subnets", "subnet",
            new { subnet = new { network_id = things["network/networks"], ip_version = 4, cidr = "10.1.0.0/24" } });
        things["network/ports"] = await Make(network + "ports", "port", new { port = new { network_id = things["network/networks"] } });
        things["network/routers"] = await Make(network + "routers", "router", new { router = new { name = "r" } });
        things["network/security-groups"] = await Make(
            network + "security-groups", "security_group", new { security_group = new { name = "g" } });
        things["network/security-group-rules"] = await Make(network + "security-group-rules", "security_group_rule",
            new { security_group_rule = new { security_group_id = things["network/security-groups"], direction = "ingress" } });
        things["image/images"] = await Make(
            "/image/v2/images", "", new { name = "i", disk_format = "raw", container_format = "bare", visibility = "private" });
        things["compute/os-server-groups"] = await Make(
            "/compute/v2.1/os-server-groups", "server_group", new { server_group = new { name = "s", policies = new[] { "affinity" } } });
        await Make("/compute/v2.1/os-keypairs", "keypair", new { keypair = new { name = "k" } });
        things["compute/os-keypairs"] = "k";
        things["compute/flavors"] = await Post(cloud.Admin, "/compute/v2.1/flavors", "flavor",
            new { flavor = new { name = "f", ram = 64, vcpus = 1, disk = 1 } });
        things["compute/servers"] = await Boot(member);
    }

    private async Task<string> Boot(string member)
    {
        using var bytes = new ByteArrayContent(new byte[4096]);
        bytes.Headers.ContentType = new("application/octet-stream");
        using var upload = new HttpRequestMessage(HttpMethod.Put, $"/image/v2/images/{things["image/images"]}/file") { Content = bytes };
        upload.Headers.Add("X-Auth-Token", member);
        (await Http.SendAsync(upload)).EnsureSuccessStatusCode();
        var id = await Post(member, "/compute/v2.1/servers", "server", new
        {
            server = new { name = "v", imageRef = things["image/images"], flavorRef = things["compute/flavors"] },
        });
        await Eventually.True(async () => (await Send("GET", "/compute/v2.1/servers/" + id, member)).GetProperty("server").GetProperty(
            "status").GetString() == "ACTIVE", "the server runs");
        return id;
    }

    private async Task<string> Expired(string name, string place, object scope)
    {
        var options = cloud.Get<IOptions<IdentityOptions>>().Value;
        var lifetime = options.TokenLifetime;
        options.TokenLifetime = TimeSpan.FromMilliseconds(1);
        try
        {
            return await Login(name, place, "member", scope);
        }
        finally
        {
            options.TokenLifetime = lifetime;
        }
    }

    private async Task<string> Login(string name, string? place, string? role, object? scope)
    {
        var user = Id(await cloud.Do("POST", "/users", new { user = new { name, password = "pass-" + name } }), "user");
        if (place is not null)
            await cloud.Do("PUT", $"{place}/users/{user}/roles/{await cloud.RoleId(role!)}");
        return await cloud.Login(name, "pass-" + name, scope);
    }

    private async Task<string> Post(string token, string path, string key, object body)
    {
        var made = await Send("POST", path, token, body);
        var thing = key.Length == 0 ? made : made.GetProperty(key);
        return thing.TryGetProperty("id", out var id) ? id.ToString() : "";
    }

    private async Task<JsonElement> Send(string method, string path, string token, object? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("X-Auth-Token", token);
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;
}
