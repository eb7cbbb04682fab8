using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Placement;

namespace Fabric.Grains.Compute;

/// <summary>What a build works on. The record itself is asked for the rest, so that user data is not written into every log
/// entry.</summary>
[GenerateSerializer, Immutable, Alias("compute.build-instance")]
internal sealed record BuildInstance
{
    [Id(0)] public required InstanceId InstanceId { get; init; }
    [Id(1)] public required string SagaId { get; init; }
    [Id(2)] public required ResourceRequest Resources { get; init; }
    [Id(3)] public required string HostName { get; init; }
    [Id(4)] public IReadOnlyList<NicPlan> Nics { get; init; } = [];

    /// <summary>Chosen by the first step.</summary>
    [Id(5)] public NodeClaim? Claim { get; init; }
    [Id(6)] public string? ServerGroupId { get; init; }

    internal static BuildInstance Of(InstanceState state) => new()
    {
        InstanceId = state.Id,
        SagaId = state.SagaIdFor(),
        HostName = state.HostName,
        Nics = state.Nics,
        ServerGroupId = state.ServerGroupId,
        Resources = new()
        {
            Vcpus = state.Flavor.Vcpus,
            MemoryMiB = state.Flavor.MemoryMiB,
            DiskGiB = state.Flavor.RootGiB + state.Flavor.EphemeralGiB + ((state.Flavor.SwapMiB + 1023) / 1024),
            ProjectId = state.ProjectId,
            UserId = state.UserId,
            RequiredTraits = Traits(state, "required"),
            ForbiddenTraits = Traits(state, "forbidden"),
            AvailabilityZone = state.AvailabilityZone,
            ForcedHost = state.ForcedNode,
            RequestedHost = state.RequestedNode,
            ExcludedHosts = state.TriedNodes,
        },
    };

    /// <summary>A flavor's or an image's <c>trait:NAME=required</c>.</summary>
    private static string[] Traits(InstanceState state, string wanted) =>
    [
        .. state.Flavor.ExtraSpecs.Concat(state.Image?.Properties ?? Empty.Strings)
            .Where(spec => spec.Key.StartsWith("trait:", StringComparison.Ordinal) && spec.Value == wanted)
            .Select(static spec => spec.Key["trait:".Length..])
            .Distinct(StringComparer.Ordinal),
    ];
}

/// <summary>What a change of a guest's power works on.</summary>
[GenerateSerializer, Immutable, Alias("compute.power-instance")]
internal sealed record PowerInstance
{
    [Id(0)] public required InstanceId InstanceId { get; init; }
    [Id(1)] public required string SagaId { get; init; }
    [Id(2)] public required string NodeName { get; init; }
    [Id(3)] public bool Hard { get; init; }

    internal static PowerInstance Of(InstanceState state) => new()
    {
        InstanceId = state.Id,
        SagaId = state.SagaIdFor(),
        NodeName = state.NodeName ?? throw new InvalidOperationException($"Instance {state.Id} is {state.TaskState} without a node."),
        Hard = state.TaskState == TaskState.RebootingHard,
    };
}

/// <summary>What a deletion works on.</summary>
[GenerateSerializer, Immutable, Alias("compute.delete-instance")]
internal sealed record DeleteInstance
{
    [Id(0)] public required InstanceId InstanceId { get; init; }
    [Id(1)] public required string SagaId { get; init; }
    [Id(2)] public required ProjectId ProjectId { get; init; }
    [Id(3)] public string? NodeName { get; init; }

    /// <summary>Whether it may have ports; most quick boots have none, and need not ask.</summary>
    [Id(4)] public bool HasPorts { get; init; }

    internal static DeleteInstance Of(InstanceState state) => new()
    {
        InstanceId = state.Id,
        SagaId = state.SagaIdFor(),
        ProjectId = state.ProjectId,
        NodeName = state.NodeName,
        HasPorts = state.Nics.Count > 0,
    };
}
