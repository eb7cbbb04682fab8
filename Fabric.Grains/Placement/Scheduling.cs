using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>Scheduling by way of the consumer's grain.</summary>
internal sealed class Scheduling(IGrainFactory grains) : IScheduling
{
    public Task<NodeClaim> Claim(InstanceId consumer, ResourceRequest request, CancellationToken ct) =>
        grains.GetGrain<IConsumerGrain>(consumer).Claim(request);

    public Task Release(InstanceId consumer, CancellationToken ct) => grains.GetGrain<IConsumerGrain>(consumer).Release();
}
