using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One application credential. Its key is the credential's id.</summary>
[Alias("identity.IAppCredentialGrain")]
public interface IAppCredentialGrain : IGrainWithStringKey
{
    /// <summary>Makes the credential; its times are set here. A conflict when the user has one of that name.</summary>
    Task<AppCredentialState> Create(AppCredentialState credential);

    /// <summary>Removes the credential; its tokens end with it. Not found when there is none.</summary>
    Task Delete();
}

/// <summary>One access rule. Its key is the rule's id.</summary>
[Alias("identity.IAccessRuleGrain")]
public interface IAccessRuleGrain : IGrainWithStringKey
{
    /// <summary>Makes the rule. A conflict when the user has the same one.</summary>
    Task<AccessRuleState> Create(AccessRuleState rule);

    /// <summary>Removes the rule; not found when there is none.</summary>
    Task Delete();
}

/// <inheritdoc cref="IAppCredentialGrain"/>
[GrainType("app_credential")]
internal sealed class AppCredentialGrain(
    [PersistentState(IdentityKinds.AppCredential, StorageNames.Records)] IPersistentState<AppCredentialState> record, TimeProvider time)
        : IdentityRecordGrain<AppCredentialState>(record, time, "Application Credential"), IAppCredentialGrain
{
    public Task<AppCredentialState> Create(AppCredentialState credential) =>
        Add(now => credential with { CreatedAt = now, UpdatedAt = now });

    protected override Fault Taken(AppCredentialState next) =>
        IdentityFaults.Duplicate("application_credential", $"Duplicate entry found with name {next.Name}");
}

/// <inheritdoc cref="IAccessRuleGrain"/>
[GrainType("access_rule")]
internal sealed class AccessRuleGrain(
    [PersistentState(IdentityKinds.AccessRule, StorageNames.Records)] IPersistentState<AccessRuleState> record, TimeProvider time)
        : IdentityRecordGrain<AccessRuleState>(record, time, "Access Rule"), IAccessRuleGrain
{
    public Task<AccessRuleState> Create(AccessRuleState rule) => Add(now => rule with { CreatedAt = now });
}
