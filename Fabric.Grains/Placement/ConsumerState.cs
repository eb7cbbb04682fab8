using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>The record of one consumer.</summary>
[GenerateSerializer, Immutable, Alias("placement.consumer-state")]
public sealed record ConsumerState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "consumer";

    /// <summary>0 for a consumer that is only promised something: nobody sees it yet.</summary>
    [Id(0)] public long Generation { get; init; }
    [Id(1)] public ProjectId ProjectId { get; init; }
    [Id(2)] public UserId UserId { get; init; }

    /// <summary>Providers that may hold something for this consumer: named here before they are asked.</summary>
    [Id(3)] public IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> Allocations { get; init; } =
        new Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>>();

    /// <summary>The node a claim settled on; null while one is being sought.</summary>
    [Id(4)] public NodeClaim? Claim { get; init; }
    [Id(5)] public string? ConsumerType { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What was promised and is not done yet; while there is something, nothing else changes what the consumer holds.</summary>
    [Id(8)] public ConsumerChange? Pending { get; init; }

    /// <summary>As others see it: one that is only promised something does not exist.</summary>
    public ConsumerView ToView() => Generation == 0 ? new() : new()
    {
        Generation = Generation,
        ProjectId = ProjectId,
        UserId = UserId,
        Allocations = Allocations,
        ConsumerType = ConsumerType,
    };

    /// <summary>Promises that it will hold what is wanted.</summary>
    public ConsumerState Prepare(string changeId, ConsumerView wanted, DateTimeOffset now)
    {
        if (Pending?.ChangeId == changeId)
            return this;
        RequireUnchanging(wanted);
        var known = Generation > 0
            ? this
            : this with { ProjectId = wanted.ProjectId!.Value, UserId = wanted.UserId!.Value, CreatedAt = now };
        return known with { Pending = new(changeId, wanted), UpdatedAt = now };
    }

    /// <summary>Throws when the caller knows another generation, or while something else changes the consumer.</summary>
    internal void RequireUnchanging(ConsumerView wanted)
    {
        if (Pending is not null)
            throw ProviderState.ConcurrentUpdate();
        long? actual = Generation > 0 ? Generation : null;
        if (!wanted.AnyGeneration && wanted.Generation != actual)
        {
            throw Fault.Conflict("placement.concurrent_update",
                $"consumer generation conflict - expected {Text(actual) ?? "null"} but got {Text(wanted.Generation) ?? "None"}");
        }

        static string? Text(long? generation) => generation?.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId.Text,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [.. Allocations.Keys.Select(static provider => new ResourceRef("provider", provider.Text))],
    };
}

/// <summary>What a consumer will hold when a change of several is done.</summary>
[GenerateSerializer, Immutable, Alias("placement.consumer-change")]
public sealed record ConsumerChange([property: Id(0)] string ChangeId, [property: Id(1)] ConsumerView Wanted);
