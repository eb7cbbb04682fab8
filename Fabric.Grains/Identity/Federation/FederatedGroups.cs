using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>The groups that a federated user's logins put it into, for a while. Its key is the user's id.</summary>
[Alias("identity.IFederatedGroupsGrain")]
public interface IFederatedGroupsGrain : IGrainWithStringKey
{
    /// <summary>A login said that the user is in these groups; it stays in them until then. Durable when it returns.</summary>
    Task Verify(IReadOnlyList<GroupId> groups, DateTimeOffset until);

    /// <summary>Nothing of it holds any more; nothing when there is none.</summary>
    Task Forget();
}

/// <summary>The groups that a federated user's logins put it into.</summary>
[GenerateSerializer, Immutable, Alias("identity.federatedgroups")]
public sealed record FederatedGroupsState : IIndexedRecord
{
    [Id(0)] public IReadOnlyList<FederatedMembership> Groups { get; init; } = [];
    [Id(1)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(2)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The groups in which the user is at a time.</summary>
    public IEnumerable<GroupId> At(DateTimeOffset now) => Groups.Where(group => group.Until > now).Select(static group => group.GroupId);

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>A membership that ends.</summary>
[GenerateSerializer, Immutable, Alias("identity.federatedmembership")]
public readonly record struct FederatedMembership([property: Id(0)] GroupId GroupId, [property: Id(1)] DateTimeOffset Until);

/// <inheritdoc cref="IFederatedGroupsGrain"/>
[GrainType("federated_groups")]
internal sealed class FederatedGroupsGrain(
    [PersistentState(FederationKinds.Groups, StorageNames.Records)] IPersistentState<FederatedGroupsState> record, TimeProvider time)
    : Grain, IFederatedGroupsGrain
{
    public Task Verify(IReadOnlyList<GroupId> groups, DateTimeOffset until)
    {
        var now = time.GetUtcNow();
        // Groups of an earlier login stay until their own end, as in Keystone; those that have ended go.
        var others = record.RecordExists ? record.State.Groups.Where(one => one.Until > now && !groups.Contains(one.GroupId)) : [];
        return record.Write(new FederatedGroupsState
        {
            Groups = [.. others, .. groups.Select(group => new FederatedMembership(group, until))],
            CreatedAt = record.RecordExists ? record.State.CreatedAt : now,
            UpdatedAt = now,
        });
    }

    public async Task Forget()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}
