using System.Diagnostics;
using System.Text.Json;
using Fabric.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fabric.Grains.Sagas;

/// <summary>Registers sagas and what runs them.</summary>
public static class SagaHosting
{
    /// <summary>What runs sagas, and finds those that a crash has left. Once per silo.</summary>
    public static ISiloBuilder AddSagas(this ISiloBuilder silo)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<SagaStepHook>();
        silo.Services.AddSingleton<SagaCatalog>();
        silo.Services.AddSingleton<SagaShutdown>();
        silo.Services.AddSingleton<ISagas, SagaStarter>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SagaRecovery>();
        return silo;
    }

    /// <summary>One saga. Its dependencies come by its constructor; the name of the class stands in logs, so it never changes.</summary>
    public static IServiceCollection AddSaga<TSaga, T>(this IServiceCollection services)
        where TSaga : Saga<T>
        where T : class =>
        services.AddTransient<TSaga>().AddSingleton<SagaDefinition, SagaDefinition<TSaga, T>>();

    /// <inheritdoc/>
    private sealed class SagaStarter(IGrainFactory grains) : ISagas
    {
        /// <inheritdoc/>
        public Task Start<TSaga, T>(string id, T value)
            where TSaga : Saga<T>
            where T : class
        {
            var json = JsonSerializer.Serialize(value, RecordJson.Options);
            return grains.GetGrain<ISagaGrain>(id).Start(typeof(TSaga).Name, json, Activity.Current?.Id);
        }

        /// <inheritdoc/>
        public Task<SagaStatus?> Status(string id) => grains.GetGrain<ISagaGrain>(id).Status();
    }
}
