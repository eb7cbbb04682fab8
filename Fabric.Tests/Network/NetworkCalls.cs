using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

/// <summary>Short forms of what networking's clients send.</summary>
internal static class NetworkCalls
{
    internal const string Root = "/networking/v2.0";

    internal static async Task<JsonElement> Make(this HttpClient client, string collection, object body, int status = 201)
    {
        var made = await (await client.PostAsJsonAsync($"{Root}/{collection}", Wrapped(collection, body))).Json(status);
        return status == 201 ? made.GetProperty(Key(collection)) : made.GetProperty("NeutronError");
    }

    internal static async Task<JsonElement> Change(this HttpClient client, string collection, string id, object body, int status = 200)
    {
        var changed = await (await client.PutAsJsonAsync($"{Root}/{collection}/{id}", Wrapped(collection, body))).Json(status);
        return status == 200 ? changed.GetProperty(Key(collection)) : changed.GetProperty("NeutronError");
    }

    internal static async Task<JsonElement> Act(this HttpClient client, string path, object body, int status = 200) =>
        await (await client.PutAsJsonAsync($"{Root}/{path}", body)).Json(status);

    internal static async Task<JsonElement> Get(this HttpClient client, string path, int status = 200) =>
        await (await client.GetAsync($"{Root}/{path}")).Json(status);

    internal static async Task<JsonElement> One(this HttpClient client, string collection, string id) =>
        (await client.Get($"{collection}/{id}")).GetProperty(Key(collection));

    internal static async Task<JsonElement[]> All(this HttpClient client, string collection, string query = "") =>
        [.. (await client.Get($"{collection}{query}")).GetProperty(collection.Replace('-', '_')).EnumerateArray()];

    internal static async Task<JsonElement> Remove(this HttpClient client, string collection, string id, int status = 204) =>
        await (await client.DeleteAsync($"{Root}/{collection}/{id}")).Json(status);

    internal static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    internal static string Id(this JsonElement element) => element.Text("id");

    /// <summary>A network with one subnet.</summary>
    internal static async Task<(string Network, string Subnet)> MakeNetwork(this HttpClient client, string name,
        string cidr = "10.0.0.0/24")
    {
        var network = (await client.Make("networks", new { name })).Id();
        var subnet = (await client.Make("subnets", new { network_id = network, ip_version = 4, cidr, name = name + "-subnet" })).Id();
        return (network, subnet);
    }

    private static Dictionary<string, object> Wrapped(string collection, object body) => new() { [Key(collection)] = body };

    private static string Key(string collection) => collection.TrimEnd('s').Replace('-', '_');
}
