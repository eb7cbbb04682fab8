using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>What a server needs of a node.</summary>
[GenerateSerializer, Immutable, Alias("placement.resource-request")]
public sealed record ResourceRequest
{
    [Id(0)] public required int Vcpus { get; init; }
    [Id(1)] public required int MemoryMiB { get; init; }

    /// <summary>Root, ephemeral and swap together.</summary>
    [Id(2)] public required int DiskGiB { get; init; }
    [Id(3)] public required ProjectId ProjectId { get; init; }
    [Id(4)] public required UserId UserId { get; init; }
    [Id(5)] public IReadOnlyList<string> RequiredTraits { get; init; } = [];
    [Id(6)] public IReadOnlyList<string> ForbiddenTraits { get; init; } = [];

    /// <summary>Null for any.</summary>
    [Id(7)] public string? AvailabilityZone { get; init; }

    /// <summary>Only this node, past the filters (an admin's <c>zone:host</c>).</summary>
    [Id(8)] public string? ForcedHost { get; init; }

    /// <summary>Only this node, if the filters let it (2.74's <c>host</c>).</summary>
    [Id(9)] public string? RequestedHost { get; init; }

    /// <summary>Nodes tried before.</summary>
    [Id(10)] public IReadOnlyList<string> ExcludedHosts { get; init; } = [];
}

/// <summary>A node that was found, its resources already held.</summary>
[GenerateSerializer, Immutable, Alias("placement.node-claim")]
public sealed record NodeClaim(
    [property: Id(0)] string NodeName, [property: Id(1)] ResourceProviderId ProviderId, [property: Id(2)] string AvailabilityZone);

/// <summary>Finds a node for a server and holds its resources there. The scheduler is pure and only proposes; the resource provider
/// decides, by its generation, so two proposals for the last place cannot both win.</summary>
public interface IScheduling
{
    /// <summary>Claims. The same consumer again gets the claim it has. Durable before it returns.</summary>
    /// <exception cref="Fault">Conflict of type <c>NoValidHost</c> when no node can take it.</exception>
    Task<NodeClaim> Claim(InstanceId consumer, ResourceRequest request, CancellationToken ct);

    /// <summary>Gives back all that the consumer holds, on whatever node; nothing when it holds nothing.</summary>
    Task Release(InstanceId consumer, CancellationToken ct);
}
