using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary><c>/OS-FEDERATION/mappings</c></summary>
internal static class MappingEndpoints
{
    private const string Member = "mapping";

    internal static async Task<IResult> List(Call call)
    {
        var mappings = await call.Get<FederationIndex>().Mappings(call.Aborted);
        return IdentityReplies.List(call, "mappings", mappings.Select(mapping => Body(mapping, call)));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member(Member, Body(await Find(call), call));

    internal static async Task<IResult> Create(Call call)
    {
        var id = call.Path("mapping_id");
        ProviderEndpoints.RequireLength("id", id);
        var mapping = await call.Grains.GetGrain<IMappingGrain>(id).Create(Rules(call));
        return IdentityReplies.Member(Member, Body(mapping, call), 201);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var rules = Rules(call);
        return IdentityReplies.Member(
            Member, Body(await call.Grains.GetGrain<IMappingGrain>((await Find(call)).Id).Update(rules), call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grains.GetGrain<IMappingGrain>((await Find(call)).Id).Delete();
        return Reply.Empty();
    }

    private static async Task<MappingState> Find(Call call)
    {
        var id = call.Path("mapping_id");
        return await call.Get<FederationIndex>().FindMapping(id, call.Aborted) ?? throw IdentityFaults.NotFound("mapping", id);
    }

    // Of all that a mapping may say, its rules alone are kept.
    private static string Rules(Call call)
    {
        using var empty = JsonDocument.Parse("{}");
        var mapping = call.Body.TryGetProperty(Member, out var said) ? said : empty.RootElement;
        MappingSchema.Require(mapping);
        return mapping.GetProperty("rules").GetRawText();
    }

    private static Dictionary<string, object?> Body(MappingState mapping, Call call)
    {
        using var rules = JsonDocument.Parse(mapping.Rules);
        return new()
        {
            ["id"] = mapping.Id,
            ["rules"] = rules.RootElement.Clone(),
            ["links"] = IdentityReplies.SelfLink(call, "OS-FEDERATION/mappings", mapping.Id),
        };
    }
}
