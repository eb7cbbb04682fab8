using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>One node as the scheduler sees it: a picture that may be a moment old.</summary>
public sealed record NodePicture
{
    public required string NodeName { get; init; }
    public required ResourceProviderId ProviderId { get; init; }
    public required string AvailabilityZone { get; init; }

    /// <summary>Its service is enabled, heard of lately, and not forced down.</summary>
    public required bool Usable { get; init; }
    public IReadOnlyDictionary<string, Inventory> Inventories { get; init; } = new Dictionary<string, Inventory>();
    public IReadOnlyDictionary<string, long> Used { get; init; } = new Dictionary<string, long>();
    public IReadOnlyCollection<string> Traits { get; init; } = [];

    /// <summary>What is left of a class.</summary>
    public long Free(string resourceClass) =>
        Inventories.TryGetValue(resourceClass, out var inventory) ? inventory.Capacity - Used.GetValueOrDefault(resourceClass) : 0;
}

/// <summary>May this node take it? A filter names itself for the operator who asks why a node was left out.</summary>
public sealed record NodeFilter(string Name, Func<NodePicture, ResourceRequest, bool> Passes);

/// <summary>How well would this node take it? Weights are spread over 0…1 among the candidates, then multiplied.</summary>
public sealed record NodeWeigher(string Name, double Multiplier, Func<NodePicture, double> Weight);

/// <summary>
/// Chooses nodes: pure, over a picture of the cloud. It only proposes, in order of preference; the resource provider's grain decides. So
/// a picture that is a little old costs another try, never an overbooked node.
/// </summary>
public static class Scheduler
{
    /// <summary>The filters, cheapest first.</summary>
    public static readonly IReadOnlyList<NodeFilter> Filters =
    [
        new("RetryFilter", static (node, request) => !request.ExcludedHosts.Contains(node.NodeName)),
        new("RequestedHostFilter", static (node, request) => request.RequestedHost is null || request.RequestedHost == node.NodeName),
        new("ComputeFilter", static (node, _) => node.Usable),
        new("AvailabilityZoneFilter", static (node, request) =>
            request.AvailabilityZone is null || request.AvailabilityZone == node.AvailabilityZone),
        new("ResourceFilter", static (node, request) => HasRoom(node, request)),
        new("TraitFilter", static (node, request) =>
            request.RequiredTraits.All(node.Traits.Contains) && !request.ForbiddenTraits.Any(node.Traits.Contains)),
    ];

    /// <summary>The weighers: spread by free memory, then by free CPUs and disk, as nova's defaults.</summary>
    public static readonly IReadOnlyList<NodeWeigher> Weighers =
    [
        new("RAMWeigher", 1.0, static node => node.Free(NodeResources.MemoryMb)),
        new("CPUWeigher", 1.0, static node => node.Free(NodeResources.Vcpu)),
        new("DiskWeigher", 1.0, static node => node.Free(NodeResources.DiskGb)),
    ];

    /// <summary>The nodes that may take it, best first; equals in random order, so that many schedulers do not run for one node.</summary>
    public static IReadOnlyList<NodePicture> Propose(IReadOnlyList<NodePicture> nodes, ResourceRequest request, Random random)
    {
        if (request.ForcedHost is { } forced)
            return [.. nodes.Where(node => node.NodeName == forced)];
        var passing = nodes.Where(node => Filters.All(filter => filter.Passes(node, request))).ToArray();
        if (passing.Length < 2)
            return passing;
        var scores = new double[passing.Length];
        foreach (var weigher in Weighers)
            AddWeights(scores, passing, weigher);
        var order = new (double Score, int Tie, NodePicture Node)[passing.Length];
        for (var i = 0; i < passing.Length; i++)
            order[i] = (scores[i], random.Next(), passing[i]);
        Array.Sort(order, static (left, right) =>
            right.Score != left.Score ? right.Score.CompareTo(left.Score) : left.Tie.CompareTo(right.Tie));
        return [.. order.Select(static entry => entry.Node)];
    }

    /// <summary>Why each node was left out: filter by node, for the log.</summary>
    public static IEnumerable<(string NodeName, string Filter)> Explain(IReadOnlyList<NodePicture> nodes, ResourceRequest request) =>
        from node in nodes
        let failed = Filters.FirstOrDefault(filter => !filter.Passes(node, request))
        where failed is not null
        select (node.NodeName, failed.Name);

    private static void AddWeights(double[] scores, NodePicture[] nodes, NodeWeigher weigher)
    {
        double low = double.MaxValue, high = double.MinValue;
        var raw = new double[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            raw[i] = weigher.Weight(nodes[i]);
            low = Math.Min(low, raw[i]);
            high = Math.Max(high, raw[i]);
        }

        if (high <= low)
            return;
        for (var i = 0; i < nodes.Length; i++)
            scores[i] += weigher.Multiplier * (raw[i] - low) / (high - low);
    }

    private static bool HasRoom(NodePicture node, ResourceRequest request) =>
        Fits(node, NodeResources.Vcpu, request.Vcpus)
        && Fits(node, NodeResources.MemoryMb, request.MemoryMiB)
        && (request.DiskGiB == 0 || Fits(node, NodeResources.DiskGb, request.DiskGiB));

    private static bool Fits(NodePicture node, string name, long amount) =>
        node.Inventories.TryGetValue(name, out var inventory) && inventory.Fits(node.Used.GetValueOrDefault(name), amount);
}
