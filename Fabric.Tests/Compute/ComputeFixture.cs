using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Compute;

/// <summary>A cloud with an image and a flavor: what every server needs.</summary>
public sealed class ComputeFixture : CloudFixture, IAsyncLifetime
{
    internal ComputeClient AdminCompute { get; private set; } = null!;
    internal ComputeClient DemoCompute { get; private set; } = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        AdminCompute = await ComputeClient.Of(Cloud, Admin);
        DemoCompute = AdminCompute.As(Demo);
    }
}

/// <summary>Compute as a client sees it, with short forms for what tests do all the time.</summary>
internal sealed class ComputeClient(Cloud cloud, HttpClient http, string image, string flavor)
{
    internal const string Root = "/compute/v2.1";

    internal Cloud Cloud => cloud;

    internal string Image => image;

    internal string Flavor => flavor;

    /// <summary>Makes a small image and a small flavor.</summary>
    internal static async Task<ComputeClient> Of(Cloud cloud, HttpClient admin)
    {
        var made = await (await admin.PostAsJsonAsync("/image/v2/images", new
        {
            name = "tiny", disk_format = "raw", container_format = "bare", visibility = "public",
        })).Json(201);
        var image = made.GetProperty("id").GetString()!;
        using var bytes = new ByteArrayContent(new byte[4096]);
        bytes.Headers.ContentType = new("application/octet-stream");
        (await admin.PutAsync($"/image/v2/images/{image}/file", bytes)).EnsureSuccessStatusCode();
        var flavor = new { flavor = new { name = "tiny", id = "tiny", ram = 64, vcpus = 1, disk = 1 } };
        await (await admin.PostAsJsonAsync(Root + "/flavors", flavor)).Json(200);
        return new(cloud, admin, image, "tiny");
    }

    /// <summary>The same cloud with another's token.</summary>
    internal ComputeClient As(HttpClient other) => new(cloud, other, image, flavor);

    /// <summary>Sends one request below <see cref="Root"/>, in a microversion.</summary>
    internal async Task<HttpResponseMessage> Send(string method, string path, object? body = null, string version = "2.93")
    {
        using var request = new HttpRequestMessage(new(method), Root + path);
        request.Headers.Add("OpenStack-API-Version", "compute " + version);
        if (body is not null)
            request.Content = body is string text ? new StringContent(text, null, "application/json") : JsonContent.Create(body);
        return await http.SendAsync(request);
    }

    /// <summary>Sends, checks the status, and gives the body.</summary>
    internal async Task<JsonElement> Do(int status, string method, string path, object? body = null, string version = "2.93") =>
        await (await Send(method, path, body, version)).Json(status);

    /// <summary>Sends what must fail, and gives the message.</summary>
    internal async Task<string> Fails(int status, string method, string path, object? body = null, string version = "2.93")
    {
        var fault = (await Do(status, method, path, body, version)).EnumerateObject().Single();
        Assert.Equal(status, fault.Value.GetProperty("code").GetInt32());
        return fault.Value.GetProperty("message").GetString()!;
    }

    /// <summary>The body of a create, without networks.</summary>
    internal Dictionary<string, object> NewServer(string name, params (string Name, object Value)[] more)
    {
        var server = new Dictionary<string, object>
        {
            ["name"] = name, ["imageRef"] = image, ["flavorRef"] = flavor, ["networks"] = "none",
        };
        foreach (var (key, value) in more)
            server[key] = value;
        return new() { ["server"] = server };
    }

    /// <summary>Asks for a server and gives its id.</summary>
    internal async Task<string> Create(string name, params (string Name, object Value)[] more) =>
        (await Do(202, "POST", "/servers", NewServer(name, more))).GetProperty("server").GetProperty("id").GetString()!;

    /// <summary>Makes a server and waits until it runs.</summary>
    internal async Task<string> Boot(string name, params (string Name, object Value)[] more)
    {
        var id = await Create(name, more);
        await Reaches(id, "ACTIVE");
        return id;
    }

    internal async Task<JsonElement> Show(string id, string version = "2.93") =>
        (await Do(200, "GET", "/servers/" + id, version: version)).GetProperty("server");

    /// <summary>Waits until the server rests in a status.</summary>
    internal Task Reaches(string id, string status) => Eventually.True(
        async () =>
        {
            var server = await Show(id);
            return server.GetProperty("status").GetString() == status
                && server.GetProperty("OS-EXT-STS:task_state").ValueKind == JsonValueKind.Null;
        },
        $"server {id} is {status}");

    /// <summary>Deletes the server and waits until it is gone.</summary>
    internal async Task Delete(string id)
    {
        using var answer = await Send("DELETE", "/servers/" + id);
        Assert.True((int)answer.StatusCode is 204 or 404);
        await Gone(id);
    }

    internal Task Gone(string id) => Eventually.True(
        async () =>
        {
            using var answer = await Send("GET", "/servers/" + id);
            return (int)answer.StatusCode == 404;
        },
        $"server {id} is gone");

    /// <summary>Guests on all nodes.</summary>
    internal async Task<IReadOnlyList<ObservedInstance>> Guests()
    {
        var agents = cloud.Services.GetRequiredService<INodeAgents>();
        var all = new List<ObservedInstance>();
        foreach (var node in await Nodes())
            all.AddRange(await agents.Find(node.Inventory.NodeName)!.Observe(default));
        return all;
    }

    /// <summary>All nodes report all they see, as they do from time to time.</summary>
    internal async Task Report()
    {
        var agents = cloud.Services.GetRequiredService<INodeAgents>();
        foreach (var node in await Nodes())
        {
            var seen = await agents.Find(node.Inventory.NodeName)!.Observe(default);
            await cloud.Grains.GetGrain<IHypervisorGrain>(node.Inventory.NodeName)
                .Report(new() { Inventory = node.Inventory, Instances = seen, Complete = true });
        }
    }

    /// <summary>Records of all nodes.</summary>
    internal Task<IReadOnlyList<HypervisorState>> Nodes() => cloud.Index.List<HypervisorState>(new(HypervisorState.Kind), default);

    /// <summary>Asserts that no server has left anything anywhere.</summary>
    internal async Task NothingIsLeft()
    {
        Assert.Empty(await Guests());
        Assert.Equal(0, await cloud.Index.Count(new("consumer"), default));
        Assert.Equal(0, await cloud.Index.Count(new("port"), default));
        foreach (var node in await Nodes())
            Assert.Empty(await cloud.Grains.GetGrain<IResourceProviderGrain>(node.ProviderId).Allocations());
    }
}
