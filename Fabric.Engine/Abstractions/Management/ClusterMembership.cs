using Fabric.Engine;

namespace Orleans.Runtime
{
    /// <summary>The cluster as this silo sees it.</summary>
    public interface IClusterMembershipService
    {
        /// <summary>The view that this silo goes by.</summary>
        ClusterMembershipSnapshot CurrentSnapshot { get; }
    }

    /// <summary>A view of the cluster.</summary>
    [Serializable]
    [GenerateSerializer]
    [Immutable]
    public sealed class ClusterMembershipSnapshot
    {
        internal ClusterMembershipSnapshot(MembershipVersion version) => Version = version;

        /// <summary>Grows with every change of the view; one order for all silos.</summary>
        [Id(1)]
        public MembershipVersion Version { get; }
    }
}

namespace Fabric.Engine
{
    using Orleans.Runtime;

    /// <inheritdoc cref="IClusterMembershipService"/>
    internal sealed class ClusterMembershipService(ClusterMembership membership) : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot => new(membership.Current.Version);
    }
}
