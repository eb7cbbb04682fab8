namespace Orleans.Runtime
{
    /// <summary>Figures of the cluster; the key is 0.</summary>
    public interface IManagementGrain : IGrainWithIntegerKey
    {
        /// <summary>The silos and where they stand in their lives.</summary>
        Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

        /// <summary>Runs the garbage collector on these silos.</summary>
        Task ForceGarbageCollection(SiloAddress[] hostsIds);

        /// <summary>Ends activations that were idle for so long, on these silos.</summary>
        Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit);

        /// <summary>Ends activations that were idle for so long, on all silos.</summary>
        Task ForceActivationCollection(TimeSpan ageLimit);

        /// <summary>Loads of these silos.</summary>
        Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds);

        /// <summary>Activations by grain class and silo.</summary>
        Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds);

        /// <summary>Activations by grain class and silo.</summary>
        Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();

        /// <summary>Every activation, of these grain classes and on these silos.</summary>
        Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null);

        /// <summary>How many activations there are.</summary>
        Task<int> GetTotalActivationCount();

        /// <summary>Where a grain is active; null when it is not.</summary>
        ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference);

        /// <summary>The active grains of a type.</summary>
        ValueTask<List<GrainId>> GetActiveGrains(GrainType type);
    }

    /// <summary>How many activations of a class a silo holds.</summary>
    [Serializable]
    [GenerateSerializer]
    [Immutable]
    public class SimpleGrainStatistic
    {
        [Id(0)]
        public string GrainType { get; init; } = "";

        [Id(1)]
        public SiloAddress SiloAddress { get; init; } = SiloAddress.Zero;

        [Id(2)]
        public int ActivationCount { get; init; }
    }

    /// <summary>One activation.</summary>
    [Serializable]
    [GenerateSerializer]
    [Immutable]
    public class DetailedGrainStatistic
    {
        [Id(0)]
        public string GrainType { get; init; } = "";

        [Id(1)]
        public SiloAddress SiloAddress { get; init; } = SiloAddress.Zero;

        [Id(2)]
        public GrainId GrainId { get; init; }
    }

    /// <summary>The load of a silo.</summary>
    [Serializable]
    [GenerateSerializer]
    [Immutable]
    public sealed class SiloRuntimeStatistics
    {
        internal SiloRuntimeStatistics(int activations, int recentlyUsed, long received, long sent, DateTime at)
        {
            ActivationCount = activations;
            RecentlyUsedActivationCount = recentlyUsed;
            ReceivedMessages = received;
            SentMessages = sent;
            DateTime = at;
        }

        [Id(0)]
        public int ActivationCount { get; }

        [Id(1)]
        public int RecentlyUsedActivationCount { get; }

        [Id(6)]
        public long ReceivedMessages { get; }

        [Id(7)]
        public long SentMessages { get; }

        [Id(5)]
        public DateTime DateTime { get; }
    }
}
