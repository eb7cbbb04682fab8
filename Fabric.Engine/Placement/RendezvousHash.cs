using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Highest-random-weight hashing: each silo bids a hash of itself and the grain, the highest bid wins. Every silo computes the same
/// winner from
/// the same view without a directory, and when a silo comes or goes only the grains it wins or loses move.
/// </summary>
internal static class RendezvousHash
{
    internal static SiloAddress Choose(GrainId grain, IReadOnlyList<SiloAddress> silos)
    {
        if (silos.Count == 0)
            throw new SiloUnavailableException($"No silo can host {grain}.");
        var key = grain.GetUniformHashCode();
        var best = silos[0];
        var highest = Bid(key, best);
        for (var index = 1; index < silos.Count; index++)
        {
            var bid = Bid(key, silos[index]);
            // Equal bids fall to the lower address, so that the order of the list does not matter.
            if (bid > highest || (bid == highest && silos[index].CompareTo(best) < 0))
                (best, highest) = (silos[index], bid);
        }

        return best;
    }

    private static uint Bid(uint key, SiloAddress silo) => StableText.Mix(key ^ StableText.Mix((uint)silo.GetConsistentHashCode()));
}
