using Fabric.Engine.CodeGeneration;
using Fabric.Engine.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Serialization;
using Orleans.Timers;

namespace Fabric.Engine;

/// <summary>The services of a silo.</summary>
internal static class SiloServices
{
    internal static ISiloBuilder Add(IServiceCollection services, IConfiguration configuration)
    {
        AddRuntime(services);
        services.TryAddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        if (services.All(service => service.ServiceType != typeof(SiloHost)))
        {
            services.AddSingleton<SiloHost>();
            services.AddHostedService(provider => provider.GetRequiredService<SiloHost>());
        }

        return new SiloBuilder(services, configuration);
    }

    /// <summary>A client is a silo that holds no grains and is no member.</summary>
    internal static IClientBuilder AddClient(IServiceCollection services, IConfiguration configuration)
    {
        AddRuntime(services);
        if (services.All(service => service.ServiceType != typeof(ClientIdentity)))
        {
            services.AddSingleton<ClientIdentity>();
            services.AddHostedService<ClientHost>();
        }

        return new ClientBuilder(services, configuration);
    }

    private static void AddRuntime(IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(_ => ManifestLoader.Load());
        services.TryAddSingleton(static provider => new CodecProvider(provider.GetRequiredService<GrainManifestBuilder>().Codecs,
            () => provider.GetRequiredService<SiloRuntime>().References));
        services.TryAddSingleton<IMessageCodec, MessageCodec>();
        services.TryAddSingleton<Serializer>();
        services.TryAddSingleton(typeof(Serializer<>));
        services.TryAddSingleton<ClusterMembership>();
        services.TryAddSingleton<ISiloMetadataCache>(provider => provider.GetRequiredService<ClusterMembership>());
        services.TryAddSingleton<IClusterMembershipService, ClusterMembershipService>();
        services.TryAddSingleton<SiloRuntime>();
        services.TryAddSingleton<ISiloLife, SiloLife>();
        services.TryAddSingleton<MembershipSettings>();
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<SiloRuntime>().References);
        services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<SiloRuntime>().References);
        services.TryAddSingleton<IGrainRuntime>(provider => provider.GetRequiredService<SiloRuntime>().GrainRuntime);
        services.TryAddSingleton<ITimerRegistry>(provider => provider.GetRequiredService<SiloRuntime>().GrainRuntime.TimerRegistry);
        services.TryAddScoped<IGrainContextAccessor, GrainContextAccessor>();
    }
}

/// <summary>The activation whose turn it is.</summary>
internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => RuntimeContext.Current
        ?? throw new InvalidOperationException("This code does not run inside a grain.");
}
