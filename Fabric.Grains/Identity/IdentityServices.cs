using Fabric.Grains.Sagas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fabric.Grains.Identity;

/// <summary>Registers identity.</summary>
public static class IdentityServices
{
    /// <summary>Adds what identity's grains and its part of the gateway share. The data directory is the host's <c>data</c> unless
    /// set.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.AddOptions<IdentityOptions>().BindConfiguration("Identity").PostConfigure<IConfiguration>(
            static (options, configuration) =>
        {
            if (options.DataDirectory.Length == 0)
                options.DataDirectory = configuration["data"] ?? "";
        });
        services.AddOptions<Federation.FederationOptions>().BindConfiguration("Identity:Federation");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IdentityIndex>();
        services.TryAddSingleton<Federation.FederationIndex>();
        services.TryAddSingleton<Federation.FederationRemoval>();
        services.TryAddSingleton<AssignmentSearch>();
        services.TryAddSingleton<PasswordHasher>();
        services.TryAddSingleton<PasswordRequirements>();
        services.TryAddSingleton<UnifiedLimits>();
        services.TryAddSingleton<EndpointPolicies>();
        services.TryAddSingleton<UserActivity>();
        services.TryAddSingleton<DelegationRemoval>();
        services.TryAddSingleton<IdentityRemoval>();
        services.TryAddSingleton<IdentityBootstrap>();
        return services;
    }

    /// <summary>Adds what one silo or more of a cloud must do for identity: make what it begins with, and sweep.</summary>
    internal static IServiceCollection AddIdentityControl(this IServiceCollection services)
    {
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => provider.GetRequiredService<IdentityBootstrap>());
        services.AddSingleton<RevokedTokenSweep>();
        services.AddHostedService(static provider => provider.GetRequiredService<RevokedTokenSweep>());
        services.AddSingleton<Federation.UsedAssertionSweep>();
        services.AddHostedService(static provider => provider.GetRequiredService<Federation.UsedAssertionSweep>());
        services.AddSingleton<Operator.IOperatorWork, Operator.AdminRecovery>();
        services.AddSingleton<Operator.IOperatorWork, Operator.MappingPurge>();
        services.AddHostedService<Operator.OperatorRequests>();
        services.AddSaga<MakeLimitsSaga, LimitsToMake>();
        return services;
    }
}
