using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <inheritdoc cref="IEndpointGroupGrain"/>
[GrainType("endpoint_group")]
internal sealed class EndpointGroupGrain(
    [PersistentState(IdentityKinds.EndpointGroup, StorageNames.Records)] IPersistentState<EndpointGroupState> record, TimeProvider time)
    : IdentityRecordGrain<EndpointGroupState>(record, time, "Endpoint Group"), IEndpointGroupGrain
{
    public Task<EndpointGroupState> Create(EndpointGroupState group) => Add(now => group with { CreatedAt = now, UpdatedAt = now });

    public Task<EndpointGroupState> Replace(EndpointGroupState group) =>
        Change((before, now) => group with { CreatedAt = before.CreatedAt, UpdatedAt = now });
}

/// <inheritdoc cref="IEndpointLinkGrain"/>
[GrainType("endpoint_link")]
internal sealed class EndpointLinkGrain(
    [PersistentState(IdentityKinds.EndpointLink, StorageNames.Records)] IPersistentState<EndpointLinkState> record, TimeProvider time)
    : Grain, IEndpointLinkGrain
{
    public async Task<bool> Link(EndpointLinkState link)
    {
        if (record.RecordExists)
            return false;
        await record.Write(link with { CreatedAt = time.GetUtcNow() });
        return true;
    }

    public async Task<bool> Unlink()
    {
        var was = record.RecordExists;
        if (was)
            await record.ClearStateAsync();
        DeactivateOnIdle();
        return was;
    }
}

/// <inheritdoc cref="IPolicyGrain"/>
[GrainType("policy")]
internal sealed class PolicyGrain(
    [PersistentState(IdentityKinds.Policy, StorageNames.Records)] IPersistentState<PolicyState> record, TimeProvider time)
    : IdentityRecordGrain<PolicyState>(record, time, "policy"), IPolicyGrain
{
    public Task<PolicyState> Create(PolicyState policy) => Add(now => policy with { CreatedAt = now, UpdatedAt = now });

    public Task<PolicyState> Update(string? type, string? blob, string? extra) => Change((policy, now) => policy with
    {
        Type = type ?? policy.Type,
        Blob = blob ?? policy.Blob,
        Extra = ExtraAttributes.Merge(policy.Extra, extra),
        UpdatedAt = now,
    });
}

/// <inheritdoc cref="IEndpointPolicyGrain"/>
[GrainType("endpoint_policy")]
internal sealed class EndpointPolicyGrain(
    [PersistentState(IdentityKinds.EndpointPolicy, StorageNames.Records)] IPersistentState<EndpointPolicyState> record, TimeProvider time)
    : Grain, IEndpointPolicyGrain
{
    public Task Set(PolicyPlace place, string policy) => record.RecordExists && record.State.PolicyId == policy
        ? Task.CompletedTask
        : record.Write(new EndpointPolicyState { Place = place, PolicyId = policy, CreatedAt = time.GetUtcNow() });

    public async Task<bool> Unset(string policy)
    {
        var was = record.RecordExists && record.State.PolicyId == policy;
        if (was)
            await record.ClearStateAsync();
        DeactivateOnIdle();
        return was;
    }
}
