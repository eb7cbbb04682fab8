using Fabric.Gateway.Http;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Making one thing or many within a project's quota. Many are made all or not at all: when one fails, those made before are
/// taken away.</summary>
internal static class Making
{
    internal static async Task<IResult> Run<T>(
        Call call,
        Resource resource,
        string quota,
        Func<Given, Task<T>> make,
        Func<T, Task> unmake,
        Func<T, Body> shape)
    {
        var (items, bulk) = resource.ReadNew(call);
        var claims = await Claim(call, quota, items);
        var made = new List<T>();
        try
        {
            foreach (var item in items)
                made.Add(await make(item));
        }
        catch
        {
            for (var at = made.Count - 1; at >= 0; at--)
                await unmake(made[at]);
            throw;
        }
        finally
        {
            foreach (var (project, claim) in claims)
                await call.Grains.GetGrain<INetworkQuotaGrain>(project).Settle(claim);
        }

        return bulk
            ? Reply.Json(new Dictionary<string, object> { [resource.Collection] = made.Select(shape).ToArray() }, 201)
            : Reply.Json(new Dictionary<string, object> { [resource.Name] = shape(made[0]) }, 201);
    }

    private static async Task<List<(string Project, long Claim)>> Claim(Call call, string quota, IReadOnlyList<Given> items)
    {
        var claims = new List<(string, long)>();
        try
        {
            foreach (var group in items.GroupBy(static item => item.Text("project_id")))
                claims.Add((group.Key, await call.Grains.GetGrain<INetworkQuotaGrain>(group.Key).Claim(quota, group.Count())));
        }
        catch (Fault)
        {
            foreach (var (project, claim) in claims)
                await call.Grains.GetGrain<INetworkQuotaGrain>(project).Settle(claim);
            throw;
        }

        return claims;
    }
}
