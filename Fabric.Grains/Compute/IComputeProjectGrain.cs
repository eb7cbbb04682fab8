using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>Limits that were set for a project or a quota class; what is not here is the default.</summary>
[GenerateSerializer, Immutable, Alias("compute.quota-state")]
public sealed record QuotaState : IIndexedRecord
{
    /// <summary>The kind of the record in the index.</summary>
    public const string Kind = "compute-quota";

    [Id(0)] public IReadOnlyDictionary<string, int> Limits { get; init; } = new Dictionary<string, int>();
    [Id(1)] public DateTimeOffset CreatedAt { get; init; }
    [Id(2)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>Servers about to be made, counted before they are.</summary>
[GenerateSerializer, Immutable, Alias("compute.quota-claim")]
public sealed record QuotaClaim([property: Id(0)] IReadOnlyList<InstanceId> Instances, [property: Id(1)] int Vcpus,
    [property: Id(2)] int MemoryMiB);

/// <summary>
/// One project as compute counts it; the key is its id. All claims of a project go through here one after another, so that two
/// requests cannot both take the last place. What is used is counted from the index and kept in memory: losing it loses nothing.
/// </summary>
[Alias("compute.project")]
public interface IComputeProjectGrain : IGrainWithStringKey
{
    /// <summary>The limits that hold.</summary>
    [Alias("Limits")]
    Task<IReadOnlyDictionary<string, int>> Limits();

    /// <summary>What is used now.</summary>
    [Alias("Usage")]
    Task<ComputeUsage> Usage();

    /// <summary>Counts servers that are about to be made: as many of them as fit, but no fewer than <paramref name="least"/>.</summary>
    /// <returns>The ones counted, from the front of the list.</returns>
    /// <exception cref="Fault">Over quota, of type <c>TooManyInstances</c>; then none is counted.</exception>
    [Alias("Claim")]
    Task<IReadOnlyList<InstanceId>> Claim(QuotaClaim claim, int least);

    /// <summary>The server is gone, or was never made.</summary>
    [Alias("Released")]
    Task Released(InstanceId id);

    /// <summary>Makes a server group, if the quota allows one more.</summary>
    [Alias("CreateServerGroup")]
    Task<ServerGroupState> CreateServerGroup(ServerGroupState group);

    /// <summary>Sets limits; those not named stay. Durable.</summary>
    [Alias("SetLimits")]
    Task SetLimits(IReadOnlyDictionary<string, int> limits);

    /// <summary>Back to the defaults. Durable.</summary>
    [Alias("ClearLimits")]
    Task ClearLimits();
}

/// <summary>A quota class; the key is its name. Only <see cref="ComputeQuotas.DefaultClass"/> has an effect, as in nova.</summary>
[Alias("compute.quota-class")]
public interface IQuotaClassGrain : IGrainWithStringKey
{
    /// <summary>Sets limits; those not named stay. Durable.</summary>
    [Alias("SetLimits")]
    Task SetLimits(IReadOnlyDictionary<string, int> limits);
}
