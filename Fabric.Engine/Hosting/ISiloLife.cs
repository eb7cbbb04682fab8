using Fabric.Engine;

namespace Orleans.Runtime;

/// <summary>How long this silo may act for the cluster, for a store that holds its writes to it. Not of Orleans' surface: only what wires
/// the engine up may use it.</summary>
public interface ISiloLife
{
    /// <summary>Which life of the silo this is, counted from 0; another follows when the silo had to give itself up.</summary>
    int Number { get; }

    /// <summary>When the lease of this life ends, on the membership store's clock; null for a silo that is alone. It moves with every
    /// renewal. Read it before <see cref="Number"/>: then it belongs to that life, or to one that is over.</summary>
    DateTimeOffset? LeaseUntil { get; }
}

/// <summary>As the runtime knows it.</summary>
internal sealed class SiloLife(SiloRuntime silo) : ISiloLife
{
    public int Number => silo.Epoch;

    public DateTimeOffset? LeaseUntil => silo.Lease.StoreUntil;
}
