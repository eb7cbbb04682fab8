using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>All providers with their trees, and with the providers that share with a tree by an aggregate; and which of them may serve a
/// request group. A tree is known by its root, the anchor of every candidate that takes from it.</summary>
internal sealed class CandidateTrees
{
    /// <summary>A provider with this trait gives to every tree that has a provider in an aggregate of its own.</summary>
    private const string Sharing = "MISC_SHARES_VIA_AGGREGATE";

    private readonly IReadOnlyDictionary<ResourceProviderId, ProviderView> byId;
    private readonly Dictionary<ResourceProviderId, HashSet<ResourceProviderId>> anchorsOfSharing = [];
    private readonly ILookup<ResourceProviderId, ProviderView> byRoot;

    internal CandidateTrees(IReadOnlyList<ProviderView> providers)
    {
        byId = providers.ToDictionary(static provider => provider.Id);
        byRoot = providers.ToLookup(static provider => provider.RootId);
        var sharing = providers.Where(static provider => provider.Traits.Contains(Sharing)).ToArray();
        if (sharing.Length == 0)
            return;
        var byAggregate = providers
            .SelectMany(static provider => provider.Aggregates, static (provider, aggregate) => (provider, aggregate))
            .ToLookup(static pair => pair.aggregate, static pair => pair.provider.RootId, StringComparer.OrdinalIgnoreCase);
        foreach (var provider in sharing)
            anchorsOfSharing[provider.Id] = [.. provider.Aggregates.SelectMany(aggregate => byAggregate[aggregate])];
    }

    internal IEnumerable<ProviderView> InTree(ResourceProviderId root) => byRoot[root];

    internal ProviderView? Find(ResourceProviderId id) => byId.GetValueOrDefault(id);

    /// <summary>The provider and all above it.</summary>
    internal HashSet<ResourceProviderId> WithAncestors(ProviderView provider)
    {
        HashSet<ResourceProviderId> all = [];
        for (ProviderView? at = provider; at is not null && all.Add(at.Id); at = at.ParentId is { } parent ? Find(parent) : null)
        {
        }

        return all;
    }

    /// <summary>Who may serve a group that one provider must serve, by anchor.</summary>
    internal Dictionary<ResourceProviderId, List<ProviderView>> Servers(RequestGroup group, IEnumerable<ProviderView> among)
    {
        var servers = new Dictionary<ResourceProviderId, List<ProviderView>>();
        foreach (var provider in among)
        {
            if (!group.Resources.All(wanted => HasRoom(provider, wanted.Key, wanted.Value))
                || !HasOneOfEach(provider.Traits, group.RequiredAnyOf)
                || HasAny(provider.Traits, group.Forbidden)
                || !HasOneOfEach(provider.Aggregates, group.MemberOfAnyOf)
                || HasAny(provider.Aggregates, group.NotMemberOf)
                || !IsInTree(provider, group))
                continue;
            Add(servers, provider.RootId, provider);
            foreach (var anchor in Anchors(provider))
                Add(servers, anchor, provider);
        }

        return servers;
    }

    /// <summary>Who may give one class of the group that may be spread, by anchor. An aggregate of the root spans its whole tree; traits
    /// are asked of all the givers together, but a forbidden one of each.</summary>
    internal Dictionary<ResourceProviderId, List<ProviderView>> Givers(
        RequestGroup group, string resourceClass, long amount, IEnumerable<ProviderView> among)
    {
        var givers = new Dictionary<ResourceProviderId, List<ProviderView>>();
        foreach (var provider in among)
        {
            if (!HasRoom(provider, resourceClass, amount) || HasAny(provider.Traits, group.Forbidden) || !IsInTree(provider, group))
                continue;
            AddIfInAggregates(provider.RootId, provider);
            if (group.InTree is null && HasOneOfEach(provider.Aggregates, group.MemberOfAnyOf))
            {
                foreach (var anchor in Anchors(provider))
                    AddIfInAggregates(anchor, provider);
            }
        }

        return givers;

        void AddIfInAggregates(ResourceProviderId anchor, ProviderView provider)
        {
            var root = Find(anchor) ?? provider;
            if ((HasOneOfEach(provider.Aggregates, group.MemberOfAnyOf) || HasOneOfEach(root.Aggregates, group.MemberOfAnyOf))
                && !HasAny(provider.Aggregates, group.NotMemberOf) && !HasAny(root.Aggregates, group.NotMemberOf))
                Add(givers, anchor, provider);
        }
    }

    internal static bool HasOneOfEach(IReadOnlyList<string> has, IReadOnlyList<IReadOnlyList<string>> anyOf) =>
        anyOf.All(any => HasAny(has, any));

    internal static bool HasAny(IReadOnlyList<string> has, IReadOnlyList<string> any) =>
        any.Count > 0 && has.Any(one => any.Contains(one, StringComparer.OrdinalIgnoreCase));

    private static bool HasRoom(ProviderView provider, string resourceClass, long amount) =>
        provider.Inventories.TryGetValue(resourceClass, out var inventory)
            && inventory.Fits(provider.Used.GetValueOrDefault(resourceClass), amount);

    private static void Add(Dictionary<ResourceProviderId, List<ProviderView>> all, ResourceProviderId anchor, ProviderView provider)
    {
        if (!all.TryGetValue(anchor, out var list))
            all[anchor] = list = [];
        list.Add(provider);
    }

    private bool IsInTree(ProviderView provider, RequestGroup group) =>
        group.InTree is not { } member || Find(member)?.RootId == provider.RootId;

    /// <summary>The other trees it shares with.</summary>
    private IEnumerable<ResourceProviderId> Anchors(ProviderView provider) =>
        anchorsOfSharing.TryGetValue(provider.Id, out var anchors) ? anchors.Where(anchor => anchor != provider.RootId) : [];
}
