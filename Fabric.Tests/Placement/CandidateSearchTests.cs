using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;

namespace Fabric.Tests.Placement;

/// <summary>The search against a model that is slow and obvious: every choice of any provider for every slot under every root, held
/// against the rules one by one.</summary>
public sealed class CandidateSearchTests
{
    private static readonly string[] Classes = ["VCPU", "MEMORY_MB", "SRIOV_NET_VF"];
    private static readonly string[] Traits = ["CUSTOM_A", "CUSTOM_B", "MISC_SHARES_VIA_AGGREGATE"];
    private static readonly string[] Aggregates = [Guid.NewGuid().ToString(), Guid.NewGuid().ToString()];

    [Fact]
    public void The_search_finds_what_a_slow_obvious_model_finds()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var found = 0;
        for (var round = 0; round < 600; round++)
        {
            var providers = Forest(random);
            var request = Request(random, providers);
            var expected = Model(providers, request).Order(StringComparer.Ordinal).ToArray();
            var actual = CandidateSearch.Find(providers, request).Requests.Select(Text).Order(StringComparer.Ordinal).ToArray();
            Assert.True(expected.SequenceEqual(actual),
                $"Seed {seed}, round {round}:\nmodel {string.Join("\n", expected)}\nsearch {string.Join("\n", actual)}");
            found += actual.Length;
        }

        Assert.True(found > 200, $"Seed {seed}: only {found} candidates in all, too few to prove anything");
    }

    [Fact]
    public void A_limit_takes_from_every_tree_before_it_takes_twice_from_one()
    {
        var trees = Enumerable.Range(0, 4).SelectMany(static _ => Tree(functions: 5)).ToArray();
        var request = new CandidateRequest { Groups = [Group("", ("VCPU", 1)), Group("_nic", ("SRIOV_NET_VF", 1))], Limit = 8 };
        var found = CandidateSearch.Find(trees, request).Requests;
        Assert.Equal(8, found.Count);
        Assert.All(found.GroupBy(candidate => trees.Single(provider => provider.Id == candidate.Mappings[""][0]).RootId),
            static tree => Assert.Equal(2, tree.Count()));
    }

    [Fact]
    public void A_request_with_too_many_ways_and_no_answer_is_refused()
    {
        // Ten groups over ten functions that must all be apart, and an eleventh that finds none left.
        var tree = Tree(functions: 10).ToArray();
        var groups = Enumerable.Range(0, 11).Select(static i => Group("_" + i, ("SRIOV_NET_VF", 1))).ToArray();
        var fault = Assert.Throws<Fault>(() => CandidateSearch.Find(tree, new() { Groups = groups, Isolate = true }));
        Assert.Equal(FaultKind.BadRequest, fault.Kind);
    }

    [Fact]
    public void A_disk_that_is_shared_serves_every_node_of_its_aggregate()
    {
        var nodes = Enumerable.Range(0, 2).Select(static _ => Provider([("VCPU", 4)]) with { Aggregates = [Aggregates[0]] }).ToArray();
        var stranger = Provider([("VCPU", 4)]);
        var disk = Provider([("DISK_GB", 100)]) with { Aggregates = [Aggregates[0]], Traits = ["MISC_SHARES_VIA_AGGREGATE"] };
        var found = CandidateSearch.Find([.. nodes, stranger, disk], new() { Groups = [Group("", ("VCPU", 1), ("DISK_GB", 10))] });
        Assert.Equal(nodes.Select(static node => node.Id).ToHashSet(),
            found.Requests.Select(static candidate => candidate.Mappings[""].First()).ToHashSet());
        Assert.All(found.Requests, candidate => Assert.Equal(10, candidate.Allocations[disk.Id]["DISK_GB"]));
        Assert.Equal(3, found.Providers.Count);
    }

    [Fact]
    public void Groups_of_one_subtree_stand_below_one_of_their_providers()
    {
        var tree = Tree(functions: 0).ToArray();
        var left = Provider([], tree[0]);
        var right = Provider([], tree[0]);
        var functions = new[] { left, left, right }.Select(static above => Provider([("SRIOV_NET_VF", 1)], above)).ToArray();
        var groups = new[]
        {
            Group("_numa"), Group("_a", ("SRIOV_NET_VF", 1)), Group("_b", ("SRIOV_NET_VF", 1)),
        };
        var found = CandidateSearch.Find([.. tree, left, right, .. functions],
            new() { Groups = groups, Isolate = true, SameSubtrees = [["_numa", "_a", "_b"]] }).Requests;
        Assert.Contains(found, candidate => candidate.Mappings["_numa"][0] == left.Id);
        Assert.DoesNotContain(found, candidate => candidate.Mappings["_numa"][0] == right.Id);
        Assert.All(found.Where(candidate => candidate.Mappings["_numa"][0] == left.Id),
            candidate => Assert.DoesNotContain(functions[2].Id, candidate.Allocations.Keys));
    }

    /// <summary>As the rules of placement read, one after the other.</summary>
    private static HashSet<string> Model(IReadOnlyList<ProviderView> providers, CandidateRequest request)
    {
        var slots = request.Groups.SelectMany(static group => group.SameProvider
            ? [(group, group.Resources)]
            : group.Resources.Select(one => (group, Only(one.Key, one.Value)))).ToArray();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var root in providers.Where(static provider => provider.ParentId is null))
        {
            for (var number = 0; number < Math.Pow(providers.Count, slots.Length); number++)
            {
                var rest = number;
                var chosen = new ProviderView[slots.Length];
                for (var i = 0; i < slots.Length; i++, rest /= providers.Count)
                    chosen[i] = providers[rest % providers.Count];
                if (IsCandidate(providers, request, slots, root, chosen))
                    found.Add(Text(slots, chosen));
            }
        }

        return found;
    }

    private static bool IsCandidate(IReadOnlyList<ProviderView> all, CandidateRequest request,
        (RequestGroup Group, IReadOnlyDictionary<string, long> Resources)[] slots, ProviderView root, ProviderView[] chosen)
    {
        if (!request.RootRequired.All(root.Traits.Contains) || request.RootForbidden.Any(root.Traits.Contains))
            return false;
        for (var i = 0; i < slots.Length; i++)
        {
            var (provider, group) = (chosen[i], slots[i].Group);
            var isOwn = provider.RootId == root.Id;
            var isShared = provider.Traits.Contains("MISC_SHARES_VIA_AGGREGATE")
                && all.Any(other => other.RootId == root.Id && other.Aggregates.Intersect(provider.Aggregates).Any());
            var inTree = group.InTree is null || all.Single(one => one.Id == group.InTree).RootId == provider.RootId;
            bool Member(ProviderView one) => group.MemberOfAnyOf.All(any => any.Any(one.Aggregates.Contains));
            bool Stranger(ProviderView one) => group.NotMemberOf.Any(one.Aggregates.Contains);
            var fits = slots[i].Resources.All(one => provider.Inventories.TryGetValue(one.Key, out var inventory)
                && inventory.Fits(provider.Used.GetValueOrDefault(one.Key), one.Value));
            if (!fits || !inTree || group.Forbidden.Any(provider.Traits.Contains) || !(isOwn || isShared))
                return false;
            if (group.SameProvider && (!Member(provider) || Stranger(provider)
                || !group.RequiredAnyOf.All(any => any.Any(provider.Traits.Contains))))
                return false;
            var sharesByItself = isOwn || (group.InTree is null && Member(provider));
            if (!group.SameProvider && (!(Member(provider) || Member(root)) || Stranger(provider) || Stranger(root) || !sharesByItself))
                return false;
        }

        var spread = chosen.Where((_, i) => !slots[i].Group.SameProvider).ToArray();
        var together = spread.SelectMany(static provider => provider.Traits).ToHashSet();
        if (spread.Length > 0 && !slots[0].Group.RequiredAnyOf.All(any => any.Any(together.Contains)))
            return false;
        var single = chosen.Where((_, i) => slots[i].Group.SameProvider).Select(static provider => provider.Id).ToArray();
        if (request.Isolate && single.Distinct().Count() < single.Length)
            return false;
        return HasRoomForAll(slots, chosen) && request.SameSubtrees.All(suffixes => IsSubtree(
            all, [.. chosen.Where((_, i) => suffixes.Contains(slots[i].Group.Suffix))]))
            && (request.NestedAware || OneOfEachTree([.. chosen.Where((_, i) => slots[i].Resources.Count > 0)]));
    }

    private static bool HasRoomForAll((RequestGroup Group, IReadOnlyDictionary<string, long> Resources)[] slots, ProviderView[] chosen) =>
        chosen.Distinct().All(provider => provider.Inventories.All(inventory =>
        {
            var total = slots.Where((_, i) => chosen[i] == provider).Sum(slot => slot.Resources.GetValueOrDefault(inventory.Key));
            return total == 0 || (total <= inventory.Value.MaxUnit
                && provider.Used.GetValueOrDefault(inventory.Key) + total <= inventory.Value.Capacity);
        }));

    private static IReadOnlyDictionary<string, long> Only(string name, long amount) => new Dictionary<string, long> { [name] = amount };

    private static bool IsSubtree(IReadOnlyList<ProviderView> all, ProviderView[] members)
    {
        bool IsBelow(ProviderView one, ProviderView top) =>
            one.Id == top.Id || (one.ParentId is { } parent && IsBelow(all.Single(other => other.Id == parent), top));
        return members.Length == 0 || members.Any(top => members.All(one => IsBelow(one, top)));
    }

    private static bool OneOfEachTree(ProviderView[] chosen)
    {
        var providers = chosen.Distinct().ToArray();
        return providers.Select(static provider => provider.RootId).Distinct().Count() == providers.Length;
    }

    private static string Text((RequestGroup Group, IReadOnlyDictionary<string, long> Resources)[] slots, ProviderView[] chosen)
    {
        var amounts = slots.SelectMany((slot, i) => slot.Resources.Select(one => (chosen[i].Id, one.Key, one.Value)))
            .GroupBy(static one => (one.Id, one.Key), static one => one.Value, static (at, values) => (at.Id, at.Key, values.Sum()));
        return Text(amounts, slots.Select((slot, i) => (slot.Group.Suffix, chosen[i].Id)).Distinct());
    }

    private static string Text(Candidate candidate) => Text(
        candidate.Allocations.SelectMany(static entry => entry.Value.Select(one => (entry.Key, one.Key, one.Value))),
        candidate.Mappings.SelectMany(static entry => entry.Value.Select(id => (entry.Key, id))));

    private static string Text(IEnumerable<(ResourceProviderId Id, string Class, long Amount)> amounts,
        IEnumerable<(string Suffix, ResourceProviderId Id)> mappings) =>
        string.Join(' ', amounts.Select(static one => one.ToString()).Order(StringComparer.Ordinal)) + " | "
            + string.Join(' ', mappings.Select(static one => one.ToString()).Order(StringComparer.Ordinal));

    private static CandidateRequest Request(Random random, IReadOnlyList<ProviderView> providers)
    {
        var groups = new List<RequestGroup>();
        if (random.Next(4) > 0)
            groups.Add(Filtered(random, providers, Group("", [.. Some(random, Classes, 2).Select(name => (name, random.Next(1, 4)))])));
        for (var i = random.Next(groups.Count == 0 ? 1 : 0, 3); i > 0; i--)
        {
            (string, int)[] resources = [.. Some(random, Classes, random.Next(1, 3)).Select(name => (name, random.Next(1, 4)))];
            groups.Add(Filtered(random, providers, Group("_" + i, random.Next(8) == 0 ? [] : resources)));
        }

        string[] suffixes = [.. groups.Where(static group => group.SameProvider).Select(static group => group.Suffix)];
        return new()
        {
            Groups = groups,
            Isolate = random.Next(2) == 0,
            RootRequired = Rarely(random, Traits[..2]),
            RootForbidden = Rarely(random, Traits[..1]),
            SameSubtrees = suffixes.Length > 0 && random.Next(3) == 0 ? [suffixes] : [],
            NestedAware = random.Next(4) > 0,
        };
    }

    private static RequestGroup Filtered(Random random, IReadOnlyList<ProviderView> providers, RequestGroup group) => group with
    {
        RequiredAnyOf = random.Next(5) == 0 ? [[.. Some(random, Traits, random.Next(1, 3))]] : [],
        Forbidden = Rarely(random, Traits),
        MemberOfAnyOf = random.Next(5) == 0 ? [[.. Some(random, Aggregates, 1)]] : [],
        NotMemberOf = Rarely(random, Aggregates),
        InTree = random.Next(8) == 0 ? providers[random.Next(providers.Count)].Id : null,
    };

    private static string[] Rarely(Random random, string[] names) => random.Next(8) == 0 ? [.. Some(random, names, 1)] : [];

    private static IEnumerable<string> Some(Random random, string[] names, int count) => names.OrderBy(_ => random.Next()).Take(count);

    private static List<ProviderView> Forest(Random random)
    {
        var all = new List<ProviderView>();
        for (var i = random.Next(2, 7); i > 0; i--)
        {
            var parent = all.Count > 0 && random.Next(3) > 0 ? all[random.Next(all.Count)] : null;
            var inventories = Some(random, Classes, random.Next(0, 4)).Select(name => (name, random.Next(1, 7))).ToArray();
            all.Add(Provider(inventories, parent) with
            {
                Traits = [.. Traits.Where(_ => random.Next(3) == 0)],
                Aggregates = [.. Aggregates.Where(_ => random.Next(3) == 0)],
                Used = inventories.Where(_ => random.Next(4) == 0).ToDictionary(static one => one.name, static _ => 1L),
            });
        }

        return all;
    }

    private static IEnumerable<ProviderView> Tree(int functions)
    {
        var root = Provider([("VCPU", 8)]);
        return [root, .. Enumerable.Range(0, functions).Select(_ => Provider([("SRIOV_NET_VF", 1)], root))];
    }

    private static RequestGroup Group(string suffix, params (string Class, int Amount)[] resources) => new()
    {
        Suffix = suffix, Resources = resources.ToDictionary(static one => one.Class, static one => (long)one.Amount),
    };

    private static ProviderView Provider((string Class, int Total)[] inventories, ProviderView? parent = null)
    {
        var id = ResourceProviderId.New();
        return new()
        {
            Id = id,
            Name = id.Text,
            Generation = 0,
            ParentId = parent?.Id,
            RootId = parent?.RootId ?? id,
            Inventories = inventories.ToDictionary(static one => one.Class, static one => new Inventory { Total = one.Total }),
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
