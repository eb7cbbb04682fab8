using Fabric.Grains.Nodes;
using Fabric.Hosting.Health;
using Fabric.NodeAgent.Agent;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.NodeAgent.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fabric.NodeAgent;

/// <summary>Makes a process the home of one node or more.</summary>
public static class NodeAgentServices
{
    /// <summary>Adds the agents, their loop, and <see cref="INodeAgents"/> by which node grains find them. Needs a silo or a client in the
    /// same process, and <see cref="IImageSource"/> with the libvirt driver.</summary>
    public static IServiceCollection AddFabricNodeAgent(this IServiceCollection services, NodeAgentOptions options)
    {
        options.Validate();
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        if (options.Driver == NodeAgentOptions.Simulated)
        {
            services.AddSingleton(_ => new SimulatedJournal(Path.Combine(options.DataDir, "sim")));
            services.AddSingleton<SimulatedNodes>();
        }
        if (options.ImagesUrl is { } images)
        {
            services.AddSingleton<IImageSource>(provider => new HttpImageSource(
                images, options.NodeNames()[0], options.MetadataSecret, provider.GetRequiredService<TimeProvider>()));
        }
        services.AddSingleton(provider => new NodeAgents(options.NodeNames().Select(name => Agent(provider, name))));
        services.AddSingleton<INodeAgents>(provider => provider.GetRequiredService<NodeAgents>());
        services.AddSingleton<INodeAgentStatus>(provider => provider.GetRequiredService<NodeAgents>());
        services.AddSingleton<IReadinessCheck, NodesReady>();
        services.AddHostedService<AgentLoop>();
        return services;
    }

    private static Agent.NodeAgent Agent(IServiceProvider provider, string nodeName)
    {
        var drivers = NodeDrivers.Of(provider, nodeName);
        return new(nodeName, drivers.Hypervisor, drivers.Network, provider.GetRequiredService<ILogger<Agent.NodeAgent>>());
    }
}
