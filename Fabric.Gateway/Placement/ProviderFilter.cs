using Fabric.Gateway.Http;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Placement;

/// <summary>The query of <c>GET /resource_providers</c>: what each provider listed must have by itself.</summary>
internal sealed class ProviderFilter(RequestGroup group)
{
    /// <summary>The tree asked for; null for all.</summary>
    internal ResourceProviderId? InTree => group.InTree;

    internal static async Task<ProviderFilter> Read(Call call)
    {
        PlacementQuery.Only(call, key => key switch
        {
            "name" or "uuid" => true,
            "member_of" => call.Microversion >= "1.3",
            "resources" => call.Microversion >= "1.4",
            "in_tree" => call.Microversion >= "1.14",
            "required" => call.Microversion >= "1.18",
            _ => false,
        });
        var group = PlacementQuery.Group(call, "");
        await NameEndpoints.RequireClasses(call, group.Resources.Keys, "Invalid resource class in resources parameter: ");
        await NameEndpoints.RequireTraits(call, group.RequiredAnyOf.SelectMany(static any => any).Concat(group.Forbidden),
            static names => $"Invalid trait(s) in \"required\" parameter: No such trait(s): {names}.");
        return new(group);
    }

    /// <summary>Whether a <see cref="ProviderState"/> has all that is asked for, but for the tree it is in.</summary>
    internal bool Matches(object record)
    {
        var state = (ProviderState)record;
        return HasRoom(state)
            && group.RequiredAnyOf.All(any => any.Any(state.Traits.Contains))
            && !group.Forbidden.Any(state.Traits.Contains)
            && group.MemberOfAnyOf.All(any => any.Any(state.Aggregates.Contains))
            && !group.NotMemberOf.Any(state.Aggregates.Contains);
    }

    private bool HasRoom(ProviderState state)
    {
        if (group.Resources.Count == 0)
            return true;
        var used = state.Used();
        return group.Resources.All(wanted => state.Inventories.TryGetValue(wanted.Key, out var inventory)
            && inventory.Fits(used.GetValueOrDefault(wanted.Key), wanted.Value));
    }
}
