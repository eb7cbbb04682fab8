using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Placement;

/// <summary>Placement as an operator's client sees it, with short forms for what tests do all the time.</summary>
internal sealed class PlacementClient(HttpClient http)
{
    internal const string Root = "/placement";

    /// <summary>A client with the token of another.</summary>
    internal static PlacementClient Of(Cloud cloud, HttpClient admin)
    {
        var http = cloud.Http();
        http.DefaultRequestHeaders.Add("X-Auth-Token", admin.DefaultRequestHeaders.GetValues("X-Auth-Token"));
        return new(http);
    }

    internal async Task<HttpResponseMessage> Send(string method, string path, object? body = null, string version = "1.39")
    {
        using var request = new HttpRequestMessage(new(method), Root + path);
        request.Headers.Add("OpenStack-API-Version", "placement " + version);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await http.SendAsync(request);
    }

    internal async Task<JsonElement> Do(int status, string method, string path, object? body = null, string version = "1.39") =>
        await (await Send(method, path, body, version)).Json(status);

    /// <summary>Sends what has an empty answer.</summary>
    internal async Task Empty(int status, string method, string path, object? body = null, string version = "1.39")
    {
        using var answer = await Send(method, path, body, version);
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Sends what must fail, and gives the error's code and text.</summary>
    internal async Task<(string Code, string Detail)> Fails(
        int status, string method, string path, object? body = null, string version = "1.39")
    {
        var error = (await Do(status, method, path, body, version)).GetProperty("errors")[0];
        return (error.GetProperty("code").GetString()!, error.GetProperty("detail").GetString()!.Trim());
    }

    /// <summary>Makes a provider with these inventories and traits.</summary>
    internal async Task<string> Provider(
        string? parent = null, string[]? traits = null, string[]? aggregates = null, params (string Class, int Total)[] inventories)
    {
        var made = await Do(200, "POST", "/resource_providers", new { name = "p-" + Guid.NewGuid(), parent_provider_uuid = parent });
        var id = made.GetProperty("uuid").GetString()!;
        await Do(200, "PUT", $"/resource_providers/{id}/inventories",
            new { resource_provider_generation = 0, inventories = Totals(inventories) });
        foreach (var trait in traits ?? [])
            await (await Send("PUT", "/traits/" + trait)).Content.ReadAsStringAsync();
        if (traits is not null)
            await Do(200, "PUT", $"/resource_providers/{id}/traits", new { resource_provider_generation = 1, traits });
        if (aggregates is not null)
        {
            await Do(200, "PUT", $"/resource_providers/{id}/aggregates",
                new { resource_provider_generation = traits is null ? 1 : 2, aggregates });
        }

        return id;
    }

    /// <summary>Dictionaries, because a property would be written in camel case.</summary>
    internal static Dictionary<string, object> Totals(params (string Class, int Total)[] inventories) =>
        inventories.ToDictionary(static one => one.Class, static one => (object)new { total = one.Total });

    /// <summary>The body for one consumer.</summary>
    internal static object Allocations(int? generation, params (string Provider, string Class, int Amount)[] held) => new
    {
        allocations = held.GroupBy(static one => one.Provider).ToDictionary(static one => one.Key,
            static one => new { resources = one.ToDictionary(static each => each.Class, static each => each.Amount) }),
        project_id = "p",
        user_id = "u",
        consumer_generation = generation,
        consumer_type = "INSTANCE",
    };

    /// <summary>What a consumer holds, as text.</summary>
    internal async Task<string> Held(string consumer)
    {
        var body = await Do(200, "GET", "/allocations/" + consumer);
        return string.Join(' ', body.GetProperty("allocations").EnumerateObject().SelectMany(static provider =>
            provider.Value.GetProperty("resources").EnumerateObject().Select(one => $"{provider.Name}:{one.Name}:{one.Value}"))
            .Order(StringComparer.Ordinal));
    }

    internal async Task<long> Used(string provider, string name = "VCPU") =>
        (await Do(200, "GET", $"/resource_providers/{provider}/usages")).GetProperty("usages").GetProperty(name).GetInt64();

    internal async Task<long> Generation(string provider) =>
        (await Do(200, "GET", "/resource_providers/" + provider)).GetProperty("generation").GetInt64();
}
