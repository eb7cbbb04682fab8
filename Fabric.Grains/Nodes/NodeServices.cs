using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fabric.Grains.Nodes;

/// <summary>Registers what the grains of nodes need.</summary>
public static class NodeServices
{
    /// <summary>Adds the placement of node grains. A process that is home to nodes adds its <see cref="INodeAgents"/> besides.</summary>
    public static IServiceCollection AddFabricNodes(this IServiceCollection services)
    {
        services.TryAddSingleton<INodeAgents, NoNodeAgents>();
        services.AddPlacementDirector<PinnedToNode, PinnedToNodeDirector>();
        return services;
    }

    /// <summary>Of a process that no node lives in.</summary>
    private sealed class NoNodeAgents : INodeAgents
    {
        public INodeAgent? Find(string nodeName) => null;
    }
}
