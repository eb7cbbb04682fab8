using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One OAuth1 consumer. Its key is the consumer's id.</summary>
[Alias("identity.IConsumerGrain")]
public interface IConsumerGrain : ISecretGrain
{
    /// <summary>Makes the consumer; its times are set here.</summary>
    Task<ConsumerState> Create(ConsumerState consumer);

    /// <summary>Changes what is not null; not found when there is none.</summary>
    Task<ConsumerState> Update(string? description, string? extra);

    /// <summary>Removes the consumer; not found when there is none.</summary>
    Task Delete();
}

/// <summary>One OAuth1 request token. Its key is the token's id.</summary>
[Alias("identity.IRequestTokenGrain")]
public interface IRequestTokenGrain : ISecretGrain
{
    /// <summary>Makes the token; its times are set here.</summary>
    Task<RequestTokenState> Create(RequestTokenState token);

    /// <summary>A user grants it, with these roles. A later grant replaces an earlier one.</summary>
    Task<RequestTokenState> Authorize(UserId user, IReadOnlyList<RoleId> roles, string verifierHash);

    /// <summary>It becomes the access token of that id. Says of which it does: of two who want that, both read the same.</summary>
    Task<string> Use(string accessTokenId);

    /// <summary>Removes the token; nothing when there is none.</summary>
    Task Forget();
}

/// <summary>One OAuth1 access token. Its key is the token's id.</summary>
[Alias("identity.IAccessTokenGrain")]
public interface IAccessTokenGrain : ISecretGrain
{
    /// <summary>Makes the token; its time is set here. Twice is once.</summary>
    Task<AccessTokenState> Create(AccessTokenState token);

    /// <summary>Removes the token; what was logged in with it ends. Not found when there is none.</summary>
    Task Delete();
}

/// <inheritdoc cref="IConsumerGrain"/>
[GrainType("oauth_consumer")]
internal sealed class ConsumerGrain(
    [PersistentState(IdentityKinds.Consumer, StorageNames.Records)] IPersistentState<ConsumerState> record, TimeProvider time)
        : IdentityRecordGrain<ConsumerState>(record, time, "consumer"), IConsumerGrain
{
    public Task<ConsumerState> Create(ConsumerState consumer) => Add(now => consumer with { CreatedAt = now, UpdatedAt = now });

    public Task<ConsumerState> Update(string? description, string? extra) => Change((consumer, now) => consumer with
    {
        Description = description,
        Extra = ExtraAttributes.Merge(consumer.Extra, extra),
        UpdatedAt = now,
    });

    public async Task Reseal(SealedSecret expected, SealedSecret next)
    {
        if (Current?.Secret == expected)
            await Change((consumer, _) => consumer with { Secret = next });
    }
}

/// <inheritdoc cref="IRequestTokenGrain"/>
[GrainType("oauth_request_token")]
internal sealed class RequestTokenGrain(
    [PersistentState(IdentityKinds.RequestToken, StorageNames.Records)] IPersistentState<RequestTokenState> record, TimeProvider time)
        : IdentityRecordGrain<RequestTokenState>(record, time, "request token"), IRequestTokenGrain
{
    public Task<RequestTokenState> Create(RequestTokenState token) => Add(now => token with { CreatedAt = now, UpdatedAt = now });

    public Task<RequestTokenState> Authorize(UserId user, IReadOnlyList<RoleId> roles, string verifierHash) => Change((token, now) =>
        token with { AuthorizerId = user, Roles = roles, VerifierHash = verifierHash, UpdatedAt = now });

    public async Task<string> Use(string accessTokenId) => Existing().AccessTokenId
        ?? (await Change((token, now) => token with { AccessTokenId = accessTokenId, UpdatedAt = now })).AccessTokenId!;

    public Task Forget() => Remove();

    public async Task Reseal(SealedSecret expected, SealedSecret next)
    {
        if (Current?.Secret == expected)
            await Change((token, _) => token with { Secret = next });
    }
}

/// <inheritdoc cref="IAccessTokenGrain"/>
[GrainType("oauth_access_token")]
internal sealed class AccessTokenGrain(
    [PersistentState(IdentityKinds.AccessToken, StorageNames.Records)] IPersistentState<AccessTokenState> record, TimeProvider time)
        : IdentityRecordGrain<AccessTokenState>(record, time, "access token"), IAccessTokenGrain
{
    public Task<AccessTokenState> Create(AccessTokenState token) =>
        Current is { } there ? Task.FromResult(there) : Add(now => token with { CreatedAt = now });

    public async Task Reseal(SealedSecret expected, SealedSecret next)
    {
        if (Current?.Secret == expected)
            await Change((token, _) => token with { Secret = next });
    }
}
