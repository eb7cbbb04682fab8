using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Fabric.Grains.Nodes;

/// <summary>Marks a grain class whose key is a node's name and which lives in the process of that node's agent, nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PinnedToNodeAttribute() : PlacementAttribute(new PinnedToNode());

/// <summary>See <see cref="PinnedToNodeAttribute"/>.</summary>
[GenerateSerializer, Immutable, Alias("nodes.pinned-to-node")]
public sealed class PinnedToNode : PlacementStrategy;

/// <summary>How a silo tells the others which nodes live in it: one tag of its metadata for each, so that finding one is a
/// look-up.</summary>
public static class NodeTags
{
    private const string Prefix = "fabric.node/";

    /// <summary>The tags of a silo that is home to these nodes.</summary>
    public static Dictionary<string, string> Of(IEnumerable<string> nodeNames) => nodeNames.ToDictionary(Key, static _ => "");

    internal static string Key(string nodeName) => Prefix + nodeName;
}

/// <summary>Finds the silo of a node: this one when the node's agent lives here, otherwise the one whose tags name the node.</summary>
internal sealed class PinnedToNodeDirector(INodeAgents agents, ISiloMetadataCache metadata) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = target.GrainIdentity.Key.ToString() ?? "";
        var compatible = context.GetCompatibleSilos(target);
        if (agents.Find(name) is not null && compatible.Contains(context.LocalSilo))
            return Task.FromResult(context.LocalSilo);
        // A node that nobody claims is placed here, where its grain says "not here" without side effect: to the caller that is one
        // error, whether the node's silo is unknown or its agent has not started.
        var tag = NodeTags.Key(name);
        var home = Array.Find(compatible, silo => metadata.GetSiloMetadata(silo).Metadata.ContainsKey(tag));
        return Task.FromResult(home ?? context.LocalSilo);
    }
}
