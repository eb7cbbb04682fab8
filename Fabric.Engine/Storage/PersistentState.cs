using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;

namespace Fabric.Engine;

/// <summary>A grain's record: read in the SetupState stage, written when the grain says so.</summary>
internal sealed class PersistentState<TState>(IGrainStorage storage, string name, Activation activation, StorageTags tags)
    : IPersistentState<TState>, ILifecycleObserver
{
    private readonly GrainState<TState> _record = new(Fresh());

    public TState State
    {
        get => _record.State;
        set => _record.State = value;
    }

    private StorageMetrics Metrics => activation.Silo.Metrics.Storage;

    private IGrainStorage Storage => storage;

    private string Name => name;

    private GrainId Grain => activation.GrainId;

    public string? Etag => _record.ETag;

    public bool RecordExists => _record.RecordExists;

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        await Metrics.Read(tags, static call => call.Record.Storage.ReadStateAsync(
            call.Record.Name, call.Record.Grain, call.Record._record, call.Token), (Record: this, Token: cancellationToken));
        // A grain never sees null where a fresh record can be made.
        if (_record.State is null)
            _record.State = Fresh();
    }

    public Task WriteStateAsync(CancellationToken cancellationToken) => activation.MayWrite
        ? Write(cancellationToken)
        : WriteOnceAllowed(cancellationToken);

    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        await activation.UntilMayWrite(cancellationToken);
        await Metrics.Clear(tags, static call => call.Record.Storage.ClearStateAsync(
            call.Record.Name, call.Record.Grain, call.Record._record, call.Token), (Record: this, Token: cancellationToken));
        if (_record.State is null)
            _record.State = Fresh();
    }

    public Task OnStart(CancellationToken cancellationToken) => ReadStateAsync(cancellationToken);

    public Task OnStop(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WriteOnceAllowed(CancellationToken cancellationToken)
    {
        await activation.UntilMayWrite(cancellationToken);
        await Write(cancellationToken);
    }

    private Task Write(CancellationToken cancellationToken) => Metrics.Write(tags, static call => call.Record.Storage.WriteStateAsync(
        call.Record.Name, call.Record.Grain, call.Record._record, call.Token), (Record: this, Token: cancellationToken));

    private static TState Fresh() => typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null
        ? Activator.CreateInstance<TState>()
        : default!;
}

/// <summary>Makes the records that a constructor's parameters ask for. The type is closed once per parameter, not per activation.</summary>
internal abstract class PersistentStateFactory
{
    internal static Func<Activation, object?> For(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new OrleansConfigurationException($"[PersistentState] stands on {parameter.Name} of {parameter.Member.DeclaringType}, "
                + "whose type is not IPersistentState<T>.");
        var factory = Create(parameter.ParameterType.GetGenericArguments()[0]);
        var name = attribute.StateName ?? parameter.Name!;
        return activation => factory.Make(activation, name, attribute.StorageName);
    }

    internal static PersistentStateFactory Create(Type state) =>
        (PersistentStateFactory)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(state))!;

    internal abstract object Make(Activation activation, string stateName, string? storageName);

    private static IGrainStorage StorageOf(Activation activation, string? name)
    {
        var services = activation.ActivationServices;
        var storage = name is null ? services.GetService<IGrainStorage>() : services.GetKeyedService<IGrainStorage>(name);
        return storage ?? throw new BadProviderConfigException(name is null
            ? $"No default storage provider found loading grain type {activation.Class.Type}"
            : $"No storage provider named \"{name}\" found loading grain type {activation.Class.Type}");
    }

    private sealed class Typed<TState> : PersistentStateFactory
    {
        private StorageTags? _tags;

        internal override object Make(Activation activation, string stateName, string? storageName)
        {
            var storage = StorageOf(activation, storageName);
            _tags ??= new StorageTags(storage, stateName, typeof(TState));
            var state = new PersistentState<TState>(storage, stateName, activation, _tags);
            activation.ObservableLifecycle.Subscribe(stateName, GrainLifecycleStage.SetupState, state);
            return state;
        }
    }
}
