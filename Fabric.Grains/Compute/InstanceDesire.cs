using Fabric.Grains.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>What a node shall have of an instance; a pure function of its record, so that every repetition says the same.</summary>
internal static class InstanceDesire
{
    internal static DesiredInstance Of(InstanceState state, DesiredPower power) => new()
    {
        Id = state.Id,
        Generation = state.Generation,
        DomainName = state.DomainName,
        DisplayName = state.Name,
        ProjectId = state.ProjectId,
        UserId = state.UserId,
        Vcpus = state.Flavor.Vcpus,
        MemoryMiB = state.Flavor.MemoryMiB,
        RootDisk = new()
        {
            ImageId = state.Image!.Id,
            ImageFormat = state.Image.DiskFormat,
            ImageSha512 = state.Image.Sha512,
            ImageBytes = state.Image.SizeBytes,
            SizeGiB = state.Flavor.RootGiB,
        },
        EphemeralGiB = state.Flavor.EphemeralGiB,
        SwapMiB = state.Flavor.SwapMiB,
        Nics = [.. state.Ports.Select(static port => port.ToNic())],
        ConfigDrive = state.ConfigDrive ? new InstanceMetadata(state, state.Ports).Files() : null,
        Power = power,
        ImageProperties = state.Image.Properties,
    };
}
