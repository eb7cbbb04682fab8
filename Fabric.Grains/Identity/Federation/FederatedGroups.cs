using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>The groups that a federated user's logins put it into, for a while. Its key is the user's id.</summary>
[Alias("identity.IFederatedGroupsGrain")]
public interface IFederatedGroupsGrain : IGrainWithStringKey
{
    /// <summary>A login by a provider's word said just now that the user is in these groups. Durable when it returns.</summary>
    /// <param name="providerId">The provider: its settings say for how long the user stays in them.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="keep">For how long a membership can still mean something: older ones are dropped.</param>
    Task Verify(string providerId, IReadOnlyList<GroupId> groups, TimeSpan keep);

    /// <summary>The provider is no more, and its word counts for nothing.</summary>
    Task Leave(string providerId);

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

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>A membership that ends.</summary>
[GenerateSerializer, Immutable, Alias("identity.federatedmembership")]
public readonly record struct FederatedMembership
{
    [Id(0)] public required GroupId GroupId { get; init; }

    /// <summary>When a record ends that was written before providers were noted.</summary>
    [Id(1)] public DateTimeOffset Until { get; init; }

    /// <summary>Whose word it was, and when it was last said: the provider's settings as they are now say when that ends.</summary>
    [Id(2)] public string? ProviderId { get; init; }
    [Id(3)] public DateTimeOffset VerifiedAt { get; init; }
}

/// <inheritdoc cref="IFederatedGroupsGrain"/>
[GrainType("federated_groups")]
internal sealed class FederatedGroupsGrain(
    [PersistentState(FederationKinds.Groups, StorageNames.Records)] IPersistentState<FederatedGroupsState> record, TimeProvider time)
    : Grain, IFederatedGroupsGrain
{
    public Task Verify(string providerId, IReadOnlyList<GroupId> groups, TimeSpan keep)
    {
        var now = time.GetUtcNow();
        // Groups of an earlier login stay until their own end, as in Keystone; those that have ended go.
        var others = Now().Where(one => (one.ProviderId is null ? one.Until > now : one.VerifiedAt + keep > now)
            && !(groups.Contains(one.GroupId) && (one.ProviderId is null || one.ProviderId == providerId)));
        return Write([.. others, .. groups.Select(group => new FederatedMembership
        {
            GroupId = group, ProviderId = providerId, VerifiedAt = now,
        })]);
    }

    public async Task Leave(string providerId)
    {
        if (Now().Any(one => one.ProviderId == providerId))
            await Write([.. Now().Where(one => one.ProviderId != providerId)]);
    }

    public async Task Forget()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private IReadOnlyList<FederatedMembership> Now() => record.RecordExists ? record.State.Groups : [];

    private Task Write(IReadOnlyList<FederatedMembership> groups) => record.Write(new FederatedGroupsState
    {
        Groups = groups,
        CreatedAt = record.RecordExists ? record.State.CreatedAt : time.GetUtcNow(),
        UpdatedAt = time.GetUtcNow(),
    });
}
