namespace Orleans.Runtime.Placement
{
    /// <summary>Chooses the silo of a new activation.</summary>
    public interface IPlacementDirector
    {
        const string PlacementHintKey = nameof(PlacementHintKey);

        Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
    }

    /// <summary>What is to be placed.</summary>
    public readonly struct PlacementTarget
    {
        public PlacementTarget(GrainId grainIdentity, Dictionary<string, object>? requestContextData, GrainInterfaceType interfaceType,
            ushort interfaceVersion)
        {
            GrainIdentity = grainIdentity;
            RequestContextData = requestContextData;
            InterfaceType = interfaceType;
            InterfaceVersion = interfaceVersion;
        }

        public GrainId GrainIdentity { get; }

        public GrainInterfaceType InterfaceType { get; }

        public ushort InterfaceVersion { get; }

        public Dictionary<string, object>? RequestContextData { get; }
    }

    /// <summary>Where it can be placed.</summary>
    public interface IPlacementContext
    {
        SiloAddress LocalSilo { get; }

        SiloStatus LocalSiloStatus { get; }

        /// <summary>The active silos that host this kind of grain; never empty.</summary>
        SiloAddress[] GetCompatibleSilos(PlacementTarget target);
    }
}

namespace Orleans.Runtime
{
    /// <summary>Where a silo stands in its life.</summary>
    public enum SiloStatus
    {
        None,
        Created,
        Joining,
        Active,
        ShuttingDown,
        Stopping,
        Dead,
    }
}

namespace Orleans.Runtime.MembershipService.SiloMetadata
{
    using System.Collections.Immutable;

    /// <summary>What a silo says of itself: zone, host, roles.</summary>
    public sealed record SiloMetadata
    {
        public static SiloMetadata Empty { get; } = new();

        public ImmutableDictionary<string, string> Metadata { get; private set; } = ImmutableDictionary<string, string>.Empty;

        internal void AddMetadata(IEnumerable<KeyValuePair<string, string>> metadata) => Metadata = Metadata.SetItems(metadata);
    }

    /// <summary>What the silos of the cluster say of themselves.</summary>
    public interface ISiloMetadataCache
    {
        SiloMetadata GetSiloMetadata(SiloAddress siloAddress);
    }
}
