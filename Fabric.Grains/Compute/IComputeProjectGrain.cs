using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>Limits that were set for a project or a quota class; what is not here is the default. Of a project, also those of its
/// users.</summary>
[GenerateSerializer, Immutable, Alias("compute.quota-state")]
public sealed record QuotaState : IIndexedRecord
{
    /// <summary>The kind of the record in the index.</summary>
    public const string Kind = "compute-quota";

    [Id(0)] public IReadOnlyDictionary<string, int> Limits { get; init; } = new Dictionary<string, int>();
    [Id(1)] public DateTimeOffset CreatedAt { get; init; }
    [Id(2)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>By user; what is not here is the project's.</summary>
    [Id(3)] public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Users { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, int>>();

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>Servers about to be made, counted before they are.</summary>
[GenerateSerializer, Immutable, Alias("compute.quota-claim")]
public sealed record QuotaClaim([property: Id(0)] IReadOnlyList<InstanceId> Instances, [property: Id(1)] int Vcpus,
    [property: Id(2)] int MemoryMiB, [property: Id(3)] UserId UserId);

/// <summary>
/// One project as compute counts it; the key is its id. All claims of a project go through here one after another, so that two
/// requests cannot both take the last place. What is used is counted from the index and kept in memory: losing it loses nothing.
/// </summary>
[Alias("compute.project")]
public interface IComputeProjectGrain : IGrainWithStringKey
{
    /// <summary>The limits of the project, or those of a user in it: what was not set for the user is the project's.</summary>
    [Alias("Limits")]
    Task<IReadOnlyDictionary<string, int>> Limits(UserId? user);

    /// <summary>The limits a user's requests are held against: for each resource the lower one of the user's and the project's.</summary>
    [Alias("LimitsFor")]
    Task<IReadOnlyDictionary<string, int>> LimitsFor(UserId user);

    /// <summary>What of the project's limits was given to its users, except one: the sum of the limits set for them.</summary>
    [Alias("GivenToUsers")]
    Task<IReadOnlyDictionary<string, long>> GivenToUsers(UserId? except);

    /// <summary>What the project uses now, or one user in it.</summary>
    [Alias("Usage")]
    Task<ComputeUsage> Usage(UserId? user);

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

    /// <summary>Sets limits of the project or of a user in it; those not named stay. Durable.</summary>
    [Alias("SetLimits")]
    Task SetLimits(IReadOnlyDictionary<string, int> limits, UserId? user);

    /// <summary>The user is back to the project's limits; or the project, with all its users, to the defaults. Durable.</summary>
    [Alias("ClearLimits")]
    Task ClearLimits(UserId? user);
}

/// <summary>A quota class; the key is its name. Only <see cref="ComputeQuotas.DefaultClass"/> has an effect, as in nova.</summary>
[Alias("compute.quota-class")]
public interface IQuotaClassGrain : IGrainWithStringKey
{
    /// <summary>Sets limits; those not named stay. Durable.</summary>
    [Alias("SetLimits")]
    Task SetLimits(IReadOnlyDictionary<string, int> limits);
}
