using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One credential. Its key is the credential's id. Blobs come sealed: the keys are the gateways'.</summary>
[Alias("identity.ICredentialGrain")]
public interface ICredentialGrain : ISecretGrain
{
    /// <summary>Makes the credential; its times are set here. A conflict when it is there already.</summary>
    Task<CredentialState> Create(CredentialState credential);

    /// <summary>Changes what is not null, if the blob is still the one that the caller judged; a conflict when it is not.</summary>
    Task<CredentialState> Update(SealedSecret expected, CredentialChange change);

    /// <summary>Removes the credential; not found when there is none.</summary>
    Task Delete();
}

/// <summary>What to change of a credential; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.credentialchange")]
public sealed record CredentialChange
{
    [Id(0)] public SealedSecret? Secret { get; init; }
    [Id(1)] public UserId? UserId { get; init; }
    [Id(2)] public ProjectId? ProjectId { get; init; }
    [Id(3)] public string? Type { get; init; }
    [Id(4)] public string? Extra { get; init; }

    /// <summary>Whether it is to be for no project any more.</summary>
    [Id(5)] public bool WithoutProject { get; init; }
}

/// <inheritdoc cref="ICredentialGrain"/>
[GrainType("credential")]
internal sealed class CredentialGrain(
    [PersistentState(IdentityKinds.Credential, StorageNames.Records)] IPersistentState<CredentialState> record, TimeProvider time)
        : IdentityRecordGrain<CredentialState>(record, time, "credential"), ICredentialGrain
{
    public Task<CredentialState> Create(CredentialState credential) => Current is null
        ? Add(now => credential with { CreatedAt = now, UpdatedAt = now })
        : throw Taken(credential);

    public Task<CredentialState> Update(SealedSecret expected, CredentialChange change) => Existing().Secret == expected
        ? Change((credential, now) => credential with
        {
            Secret = change.Secret ?? credential.Secret,
            UserId = change.UserId ?? credential.UserId,
            ProjectId = change.WithoutProject ? null : change.ProjectId ?? credential.ProjectId,
            Type = change.Type ?? credential.Type,
            Extra = ExtraAttributes.Merge(credential.Extra, change.Extra),
            UpdatedAt = now,
        })
        : throw IdentityFaults.Duplicate("credential", "it was changed meanwhile");

    protected override Fault Taken(CredentialState next) =>
        IdentityFaults.Duplicate("credential", $"Duplicate entry found with ID {next.Id}");

    public async Task Reseal(SealedSecret expected, SealedSecret next)
    {
        if (Current?.Secret == expected)
            await Change((credential, _) => credential with { Secret = next });
    }
}
