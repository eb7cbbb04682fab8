using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>
/// Finds allocation candidates: pure, over a picture of all providers. A request becomes a row of slots, one for each group that a single
/// provider must serve and one for each class of the group that may be spread; a candidate is a choice of a provider for every slot, all
/// within one tree and what shares with it. The choices of one tree are walked depth first, so that a choice that is full already is left
/// with all that would follow from it; the trees take turns, so that a limit does not spend itself on the many ways of the first one.
/// </summary>
public static class CandidateSearch
{
    /// <summary>So many choices are tried for one request. The ways through a request grow with the power of its groups, and whoever asks
    /// has no bill to pay for them.</summary>
    public const int MostSteps = 500_000;

    /// <summary>All candidates, up to the request's limit.</summary>
    /// <exception cref="Fault">Bad request when <see cref="MostSteps"/> were not enough to find even one.</exception>
    public static Candidates Find(IReadOnlyList<ProviderView> providers, CandidateRequest request)
    {
        var trees = new CandidateTrees(providers);
        var slots = Slots(trees, providers, request);
        var budget = new Budget(MostSteps);
        var turns = new Queue<IEnumerator<Candidate>>();
        foreach (var root in providers.Where(static provider => provider.Id == provider.RootId))
        {
            if (slots.All(slot => slot.Options.ContainsKey(root.Id)) && request.RootRequired.All(root.Traits.Contains)
                && !CandidateTrees.HasAny(root.Traits, request.RootForbidden))
                turns.Enqueue(new CandidateWalk(trees, request, slots, root.Id, budget).Run().GetEnumerator());
        }

        var found = TakeTurns(turns, request.Limit);
        if (found.Count == 0 && budget.IsSpent)
            throw Fault.BadRequest("placement.query.bad_value", "The request has too many combinations; ask for fewer groups at once.");
        return new(found, Summaries(trees, found, request));
    }

    private static Slot[] Slots(CandidateTrees trees, IReadOnlyList<ProviderView> providers, CandidateRequest request)
    {
        var spread = request.Groups.Where(static group => !group.SameProvider).SelectMany(
            static group => group.Resources,
            (group, wanted) => new Slot(group, new Dictionary<string, long> { [wanted.Key] = wanted.Value },
                trees.Givers(group, wanted.Key, wanted.Value, providers)));
        var single = request.Groups.Where(static group => group.SameProvider).Select(
            group => new Slot(group, group.Resources, trees.Servers(group, providers)));
        return [.. spread, .. single];
    }

    private static List<Candidate> TakeTurns(Queue<IEnumerator<Candidate>> turns, int limit)
    {
        var found = new List<Candidate>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (found.Count < limit && turns.TryDequeue(out var walk))
        {
            if (!walk.MoveNext())
                continue;
            // A provider that shares is met in several trees; the same choice made there is no other candidate.
            if (known.Add(Key(walk.Current)))
                found.Add(walk.Current);
            turns.Enqueue(walk);
        }

        return found;
    }

    private static string Key(Candidate candidate)
    {
        var takes = candidate.Allocations.SelectMany(
            static entry => entry.Value, static (entry, amount) => $"{entry.Key}:{amount.Key}:{amount.Value}");
        var serves = candidate.Mappings.SelectMany(static entry => entry.Value, static (entry, id) => $"{entry.Key}={id}");
        return string.Join('|', takes.Concat(serves).Order(StringComparer.Ordinal));
    }

    private static List<ProviderView> Summaries(CandidateTrees trees, List<Candidate> found, CandidateRequest request)
    {
        var taken = found.SelectMany(static candidate => candidate.Allocations.Keys).Distinct().Select(id => trees.Find(id)!);
        return request.NestedAware
            ? [.. taken.Select(static provider => provider.RootId).Distinct().SelectMany(trees.InTree)]
            : [.. taken];
    }

    /// <summary>What one provider must give, and who could, by anchor.</summary>
    internal sealed record Slot(
        RequestGroup Group, IReadOnlyDictionary<string, long> Resources,
        IReadOnlyDictionary<ResourceProviderId, List<ProviderView>> Options);

    /// <summary>The steps left, shared by all walks of a request.</summary>
    internal sealed class Budget(int steps)
    {
        private int left = steps;

        internal bool IsSpent => left <= 0;

        internal bool Spend() => left-- > 0;
    }
}

/// <summary>The candidates of one tree, one after the other as they are asked for.</summary>
internal sealed class CandidateWalk(
    CandidateTrees trees, CandidateRequest request, CandidateSearch.Slot[] slots, ResourceProviderId anchor, CandidateSearch.Budget budget)
{
    private readonly ProviderView[] chosen = new ProviderView[slots.Length];
    private readonly int spread = slots.Count(static slot => !slot.Group.SameProvider);

    internal IEnumerable<Candidate> Run() => From(0);

    private IEnumerable<Candidate> From(int at)
    {
        if (at == spread && at > 0 && !SpreadHasTraits())
            yield break;
        if (at == slots.Length)
        {
            if (IsOneSubtree() && (request.NestedAware || OneOfEachTree()))
                yield return Made();
            yield break;
        }

        foreach (var option in slots[at].Options[anchor])
        {
            if (!budget.Spend())
                yield break;
            if (!MayJoin(at, option))
                continue;
            chosen[at] = option;
            foreach (var candidate in From(at + 1))
                yield return candidate;
        }
    }

    /// <summary>Beside what was chosen before: groups may have to be apart, and what they take of one provider adds up.</summary>
    private bool MayJoin(int at, ProviderView option)
    {
        for (var i = 0; i < at; i++)
        {
            if (request.Isolate && chosen[i].Id == option.Id && slots[i].Group.SameProvider && slots[at].Group.SameProvider)
                return false;
        }

        foreach (var (name, amount) in slots[at].Resources)
        {
            var total = amount;
            for (var i = 0; i < at; i++)
                total += chosen[i].Id == option.Id ? slots[i].Resources.GetValueOrDefault(name) : 0;
            var inventory = option.Inventories[name];
            if (total > inventory.MaxUnit || option.Used.GetValueOrDefault(name) + total > inventory.Capacity)
                return false;
        }

        return true;
    }

    private bool SpreadHasTraits()
    {
        string[] traits = [.. chosen.Take(spread).SelectMany(static provider => provider.Traits)];
        return CandidateTrees.HasOneOfEach(traits, slots[0].Group.RequiredAnyOf);
    }

    /// <summary>Of the providers that serve these groups, one stands above all the others.</summary>
    private bool IsOneSubtree() => request.SameSubtrees.All(suffixes =>
    {
        var providers = chosen.Where((_, i) => suffixes.Contains(slots[i].Group.Suffix))
            .DistinctBy(static provider => provider.Id).ToArray();
        if (providers.Length < 2)
            return true;
        var common = providers.Select(trees.WithAncestors).Aggregate(static (left, right) => [.. left.Intersect(right)]);
        return providers.Any(provider => common.Contains(provider.Id));
    });

    private bool OneOfEachTree()
    {
        var providers = chosen.Where((_, i) => slots[i].Resources.Count > 0).DistinctBy(static provider => provider.Id).ToArray();
        return providers.DistinctBy(static provider => provider.RootId).Count() == providers.Length;
    }

    private Candidate Made()
    {
        var allocations = new Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>>();
        var mappings = new Dictionary<string, IReadOnlyList<ResourceProviderId>>(StringComparer.Ordinal);
        for (var i = 0; i < slots.Length; i++)
        {
            var (id, suffix) = (chosen[i].Id, slots[i].Group.Suffix);
            mappings[suffix] = [.. mappings.GetValueOrDefault(suffix, []).Append(id).Distinct()];
            if (slots[i].Resources.Count == 0)
                continue;
            var before = allocations.GetValueOrDefault(id) ?? new Dictionary<string, long>();
            var all = new Dictionary<string, long>(before, StringComparer.Ordinal);
            foreach (var (name, amount) in slots[i].Resources)
                all[name] = all.GetValueOrDefault(name) + amount;
            allocations[id] = all;
        }

        return new(allocations, mappings);
    }
}
