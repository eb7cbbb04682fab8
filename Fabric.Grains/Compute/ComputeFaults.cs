using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>Faults in OpenStack's words, where more than one place throws them.</summary>
public static class ComputeFaults
{
    public static Fault InstanceNotFound(string id) => Fault.NotFound("InstanceNotFound", $"Instance {id} could not be found.");

    public static Fault FlavorNotFound(string id) => Fault.NotFound("FlavorNotFound", $"Flavor {id} could not be found.");

    public static Fault KeyPairNotFound(UserId user, string name) =>
        Fault.NotFound("KeypairNotFound", $"Keypair {name} not found for user {user}");

    public static Fault ServerGroupNotFound(string id) =>
        Fault.NotFound("InstanceGroupNotFound", $"Instance group {id} could not be found.");

    public static Fault MarkerNotFound(string marker) => Fault.BadRequest("MarkerNotFound", $"marker [{marker}] not found");
}
