using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Nodes;

/// <summary>The durable record of one node.</summary>
[GenerateSerializer, Immutable, Alias("nodes.hypervisor-state")]
public sealed record HypervisorState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "hypervisor";

    /// <summary>A node not heard of for so long is down (<c>service_down_time</c>, and the time for which a heartbeat is not
    /// written).</summary>
    public static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(75);

    /// <summary>A heartbeat that brings nothing new is written at most so often.</summary>
    public static readonly TimeSpan HeartbeatWritePeriod = TimeSpan.FromSeconds(30);

    [Id(0)] public required NodeInventory Inventory { get; init; }

    /// <summary>Also the hypervisor's id.</summary>
    [Id(1)] public required ResourceProviderId ProviderId { get; init; }

    /// <summary>The compute service's id.</summary>
    [Id(2)] public required Guid ServiceId { get; init; }
    [Id(3)] public string AvailabilityZone { get; init; } = "nova";
    [Id(4)] public bool Disabled { get; init; }
    [Id(5)] public string? DisabledReason { get; init; }
    [Id(6)] public bool ForcedDown { get; init; }
    [Id(7)] public required DateTimeOffset LastSeenAt { get; init; }
    [Id(8)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(9)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Heard of lately and not said to be down. What is said to be heard of in the future was written by a clock that has been
    /// put right since, and says nothing.</summary>
    public bool IsUp(DateTimeOffset now) => !ForcedDown && (now - LastSeenAt).Duration() <= DownAfter;

    /// <summary>May take new servers.</summary>
    public bool IsUsable(DateTimeOffset now) => !Disabled && IsUp(now);

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Inventory.NodeName,
        Status = Disabled ? "disabled" : "enabled",
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("provider", ProviderId.Text), new("service", ServiceId.ToString()), new("zone", AvailabilityZone)],
    };
}
