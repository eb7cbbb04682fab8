using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Metadata
{
    using System.Collections.Immutable;

    /// <summary>What the manifest says of a grain class.</summary>
    public sealed class GrainProperties
    {
        public GrainProperties(ImmutableDictionary<string, string> values) => Properties = values;

        public ImmutableDictionary<string, string> Properties { get; }
    }

    /// <summary>An attribute that adds to what the manifest says of a grain class.</summary>
    public interface IGrainPropertiesProviderAttribute
    {
        void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties);
    }
}

namespace Orleans.Runtime
{
    /// <summary>How a kind of grain is placed; its director does the work.</summary>
    public abstract class PlacementStrategy
    {
        public virtual bool IsUsingGrainDirectory => true;

        public virtual void Initialize(GrainProperties properties)
        {
        }

        public virtual void PopulateGrainProperties(IServiceProvider services, Type grainClass, GrainType grainType,
            Dictionary<string, string> properties)
        {
        }
    }

    /// <summary>On any silo. Here, as all built-in strategies without a directory: by rendezvous hash.</summary>
    public sealed class RandomPlacement : PlacementStrategy;

    /// <summary>By hash of the id.</summary>
    public sealed class HashBasedPlacement : PlacementStrategy;

    /// <summary>Where the first caller is.</summary>
    public sealed class PreferLocalPlacement : PlacementStrategy;

    /// <summary>Where few activations are.</summary>
    public sealed class ActivationCountBasedPlacement : PlacementStrategy;

    /// <summary>Where processor and memory are free.</summary>
    public sealed class ResourceOptimizedPlacement : PlacementStrategy;

    /// <summary>On a silo whose role is the grain's key.</summary>
    public class SiloRoleBasedPlacement : PlacementStrategy;
}

namespace Orleans.Placement
{
    /// <summary>The base of attributes that choose a placement for a grain class.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public abstract class PlacementAttribute : Attribute, IGrainPropertiesProviderAttribute
    {
        protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement;

        public PlacementStrategy PlacementStrategy { get; private set; }

        public virtual void Populate(IServiceProvider services, Type grainClass, GrainType grainType,
            Dictionary<string, string> properties) =>
            PlacementStrategy.PopulateGrainProperties(services, grainClass, grainType, properties);
    }

    /// <summary>See <see cref="RandomPlacement"/>.</summary>
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());

    /// <summary>See <see cref="HashBasedPlacement"/>.</summary>
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());

    /// <summary>See <see cref="PreferLocalPlacement"/>.</summary>
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

    /// <summary>See <see cref="ActivationCountBasedPlacement"/>.</summary>
    public sealed class ActivationCountBasedPlacementAttribute() : PlacementAttribute(new ActivationCountBasedPlacement());

    /// <summary>See <see cref="ResourceOptimizedPlacement"/>.</summary>
    public sealed class ResourceOptimizedPlacementAttribute() : PlacementAttribute(new ResourceOptimizedPlacement());

    /// <summary>See <see cref="SiloRoleBasedPlacement"/>.</summary>
    public sealed class SiloRoleBasedPlacementAttribute() : PlacementAttribute(new SiloRoleBasedPlacement());
}

namespace Orleans.Concurrency
{
    using Orleans.Placement;

    /// <summary>Several activations per silo share the requests; always local, without state or identity of their own.</summary>
    public sealed class StatelessWorkerAttribute : PlacementAttribute
    {
        public StatelessWorkerAttribute(int maxLocalWorkers) : base(new StatelessWorkerPlacement(maxLocalWorkers))
        {
        }

        public StatelessWorkerAttribute() : this(Environment.ProcessorCount)
        {
        }
    }
}

namespace Orleans.Runtime
{
    /// <summary>On the silo whose address is the grain's key; it must be there.</summary>
    internal sealed class SiloPinnedPlacement : PlacementStrategy;

    internal sealed class StatelessWorkerPlacement(int maxLocalWorkers) : PlacementStrategy
    {
        internal int MaxLocalWorkers { get; } = maxLocalWorkers;

        public override bool IsUsingGrainDirectory => false;
    }
}

namespace Fabric.Engine
{
    /// <summary>See <see cref="SiloPinnedPlacement"/>.</summary>
    internal sealed class SiloPinnedPlacementAttribute() : Orleans.Placement.PlacementAttribute(new SiloPinnedPlacement());
}
