using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor;
using Fabric.NodeAgent.Hypervisor.Libvirt;
using Fabric.NodeAgent.Network;

namespace Fabric.NodeAgent;

/// <summary>The drivers of one node.</summary>
internal sealed record NodeDrivers(IHypervisorDriver Hypervisor, INetworkDriver Network)
{
    /// <summary>The drivers that the options ask for.</summary>
    public static NodeDrivers Of(IServiceProvider services, string nodeName)
    {
        var options = services.GetRequiredService<NodeAgentOptions>();
        if (options.Driver == NodeAgentOptions.Simulated)
        {
            var played = services.GetRequiredService<SimulatedNodes>().Add(nodeName);
            return new(played.Hypervisor, played.Network);
        }
        return OfHost(
            options,
            nodeName,
            services.GetRequiredService<IImageSource>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>());
    }

    /// <summary>The drivers of the machine that this process runs on.</summary>
    public static NodeDrivers OfHost(
        NodeAgentOptions options, string nodeName, IImageSource images, TimeProvider time, ILoggerFactory loggers) => new(
        new LibvirtHypervisor(options, nodeName, images, time, loggers.CreateLogger<LibvirtHypervisor>()),
        new LinuxNetwork(options.ForNetwork(nodeName), loggers.CreateLogger<LinuxNetwork>()));
}

/// <summary>For what needs a driver but never an image.</summary>
internal sealed class NoImages : IImageSource
{
    /// <inheritdoc/>
    public Task<Stream> Open(ImageId id, CancellationToken ct) => throw Fault.NotFound("ImageNotFound", $"Image {id} could not be found.");
}
