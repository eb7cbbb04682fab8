namespace Orleans.Core
{
    /// <summary>One record in storage, and the two moves: read all of it, write all of it.</summary>
    public interface IStorage
    {
        string? Etag { get; }

        bool RecordExists { get; }

        Task ClearStateAsync();

        Task WriteStateAsync();

        Task ReadStateAsync();

        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>One typed record in storage.</summary>
    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    using Orleans.Core;

    /// <summary>A grain's record. It is read before OnActivateAsync; a write that returned is durable.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Asks for a record in a constructor parameter of type <see cref="IPersistentState{TState}"/>.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute : Attribute
    {
        public PersistentStateAttribute(string stateName, string? storageName = null)
        {
            StateName = stateName;
            StorageName = storageName;
        }

        public string StateName { get; }

        public string? StorageName { get; }
    }
}

namespace Orleans
{
    /// <summary>A record as storage sees it.</summary>
    public interface IGrainState<T>
    {
        T State { get; set; }

        string ETag { get; set; }

        bool RecordExists { get; set; }
    }

    /// <summary>A record as storage sees it.</summary>
    [Serializable]
    public sealed class GrainState<T> : IGrainState<T>
    {
        public GrainState()
        {
        }

        public GrainState(T state) : this(state, null)
        {
        }

        public GrainState(T state, string? eTag)
        {
            State = state;
            ETag = eTag!;
        }

        public T State { get; set; } = default!;

        public string ETag { get; set; } = null!;

        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    using Orleans.Runtime;

    /// <summary>
    /// Where records are kept. A write or clear whose etag is not the stored one throws <see cref="InconsistentStateException"/>;
    /// a write that returned is durable.
    /// </summary>
    public interface IGrainStorage
    {
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ReadStateAsync(stateName, grainId, grainState);

        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            WriteStateAsync(stateName, grainId, grainState);

        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ClearStateAsync(stateName, grainId, grainState);
    }

    /// <summary>A record changed since it was read. When it escapes a call, the activation goes, and the next one reads anew.</summary>
    [Serializable]
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        public InconsistentStateException()
        {
        }

        public InconsistentStateException(string message) : base(message)
        {
        }

        public InconsistentStateException(string message, Exception innerException) : base(message, innerException)
        {
        }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : this(errorMsg, storedEtag, currentEtag, null)
        {
        }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
            : base($"{errorMsg} (stored etag {storedEtag ?? "none"}, ours {currentEtag ?? "none"})", storageException!)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        [Id(0)]
        public string? StoredEtag { get; private set; }

        [Id(1)]
        public string? CurrentEtag { get; private set; }

        /// <summary>True until the activation that wrote has dealt with it: callers further up keep their own state.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }

    /// <summary>A storage provider that is named but not configured.</summary>
    [Serializable]
    [GenerateSerializer]
    public class BadProviderConfigException : OrleansException
    {
        public BadProviderConfigException()
        {
        }

        public BadProviderConfigException(string message) : base(message)
        {
        }

        public BadProviderConfigException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }
}
