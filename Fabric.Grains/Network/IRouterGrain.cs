using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>One router; the key is its id. The only writer of its record, and of its ports.</summary>
[Alias("network.router")]
public interface IRouterGrain : IGrainWithStringKey
{
    /// <summary>Makes the router, with its gateway when one is asked for, durably.</summary>
    [Alias("Create")]
    Task<RouterState> Create(CreateRouter request);

    /// <summary>Changes it, durably.</summary>
    [Alias("Update")]
    Task<RouterState> Update(RouterChange change);

    /// <summary>Ends it with its gateway.</summary>
    /// <exception cref="Fault">Conflict <c>RouterInUse</c> while it has legs on networks.</exception>
    [Alias("Delete")]
    Task Delete();

    /// <summary>Adds a leg, durably.</summary>
    [Alias("AddInterface")]
    Task<InterfaceInfo> AddInterface(InterfaceRequest request);

    /// <summary>Takes a leg away.</summary>
    [Alias("RemoveInterface")]
    Task<InterfaceInfo> RemoveInterface(InterfaceRequest request);

    /// <summary>Gives it to a node that is up, if its own is not, and takes away ports that a crash left behind.</summary>
    [Alias("Repair")]
    Task Repair();
}

/// <summary>One floating address; the key is its id. The only writer of its record, and of the port that holds the address.</summary>
[Alias("network.floating-ip")]
public interface IFloatingIpGrain : IGrainWithStringKey
{
    /// <summary>Takes an address of the external network and leads it to a port when one is named, durably.</summary>
    [Alias("Create")]
    Task<FloatingIpState> Create(CreateFloatingIp request);

    /// <summary>Changes it, durably.</summary>
    [Alias("Update")]
    Task<FloatingIpState> Update(FloatingIpChange change);

    /// <summary>Gives the address back.</summary>
    [Alias("Delete")]
    Task Delete();

    /// <summary>The port is going away: the address leads nowhere. Nothing when it does not lead to that port.</summary>
    [Alias("PortGone")]
    Task PortGone(PortId port);

    /// <summary>The node translates: DOWN becomes ACTIVE. Nothing when it leads elsewhere by now.</summary>
    [Alias("Applied")]
    Task Applied(FloatingIpTarget target);

    /// <summary>Takes away the port that a crash left behind when there is no such floating address.</summary>
    [Alias("Repair")]
    Task Repair();
}
