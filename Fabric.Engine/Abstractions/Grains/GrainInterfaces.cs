namespace Orleans.Runtime
{
    /// <summary>Anything that can be called by reference: grains and observers.</summary>
    public interface IAddressable;

    /// <summary>An interface that the runtime adds to grains; not meant for applications.</summary>
    public interface IGrainExtension : IAddressable;
}

namespace Orleans
{
    using Orleans.Runtime;

    /// <summary>A grain interface.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain with a text as its key.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain with a GUID as its key.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain with an integer as its key.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain with a GUID and a text as its key.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain with an integer and a text as its key.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>An object outside of any grain that grains can call back; delivery is best effort.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What a class must offer to be a grain; <see cref="Grain"/> does it for most.</summary>
    public interface IGrainBase
    {
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first request.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Runs when the activation goes, if the process lives long enough: never the only place to save state.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }

    /// <summary>Makes references to grains. Making one calls nobody.</summary>
    public interface IGrainFactory
    {
        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithGuidKey;

        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithIntegerKey;

        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;

        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithGuidCompoundKey;

        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithIntegerCompoundKey;

        TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;

        IAddressable GetGrain(GrainId grainId);

        IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType);

        IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey);

        IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey);

        IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

        IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension);

        IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension);

        /// <summary>Makes <paramref name="obj"/> callable by grains. The runtime holds it weakly: the caller keeps it alive.</summary>
        TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver;

        void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver;
    }

    /// <summary>The cluster as seen from code outside of grains.</summary>
    public interface IClusterClient : IGrainFactory
    {
        IServiceProvider ServiceProvider { get; }
    }
}
