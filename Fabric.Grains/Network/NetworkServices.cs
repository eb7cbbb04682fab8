using Fabric.Grains.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Grains.Network;

/// <summary>Registers what networking's grains and callers need.</summary>
internal static class NetworkServices
{
    internal static IServiceCollection AddNetwork(this IServiceCollection services) => services
        .AddSingleton<NetworkLookups>()
        .AddSingleton<NetworkNodes>()
        .AddSingleton<NodeNotices>()
        .AddSingleton<NetworkVteps>()
        .AddSingleton<NodePartReader>()
        .AddSingleton<NicPlanner>()
        .AddSingleton<InstanceSecurityGroups>()
        .AddSingleton<IInstanceNetworks, InstanceNetworks>()
        .AddSingleton<IDesiredStateSource, NetworkDesiredState>();
}
