using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;
using Fabric.Hosting;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Credentials;

/// <summary>Brings every sealed secret under the key that seals now, after a rotation or a write that crossed one, and says so in a file of
/// the repository: the next rotation waits for that, so no key is dropped that something still needs. Any number of gateways may do it at
/// the same time.</summary>
internal sealed class CredentialReseal(
    CredentialVault vault, IdentityIndex index, IGrainFactory grains, IOptions<IdentityOptions> options, TimeProvider time,
    ILogger<CredentialReseal> logger) : PeriodicWork(TimeSpan.FromSeconds(5), time, logger)
{
    /// <summary>The file that holds the hash of the key that all secrets are sealed with.</summary>
    internal const string MarkerFile = "migrated";

    private static readonly IReadOnlyList<string> Kinds =
        [IdentityKinds.Credential, IdentityKinds.Consumer, IdentityKinds.RequestToken, IdentityKinds.AccessToken];

    private (string Key, long Version) done;

    public override async Task Run(CancellationToken ct)
    {
        var (key, version) = (vault.PrimaryHash, await index.Version(Kinds, ct));
        if (done == (key, version))
            return;
        await Bring<CredentialState>(IdentityKinds.Credential, key, static (grains, id) => grains.GetGrain<ICredentialGrain>(id), ct);
        await Bring<ConsumerState>(IdentityKinds.Consumer, key, static (grains, id) => grains.GetGrain<IConsumerGrain>(id), ct);
        await Bring<RequestTokenState>(IdentityKinds.RequestToken, key, static (grains, id) => grains.GetGrain<IRequestTokenGrain>(id), ct);
        await Bring<AccessTokenState>(IdentityKinds.AccessToken, key, static (grains, id) => grains.GetGrain<IAccessTokenGrain>(id), ct);
        var marker = Path.Combine(options.Value.PathOf(options.Value.CredentialKeys), MarkerFile);
        if (!File.Exists(marker) || await File.ReadAllTextAsync(marker, ct) != key)
            Write(marker, key);
        done = (key, version);
    }

    private async Task Bring<T>(string kind, string key, Func<IGrainFactory, string, ISecretGrain> grainOf, CancellationToken ct)
        where T : class, ISecretRecord
    {
        var old = new Fabric.Grains.Storage.ResourceQuery(kind) { Where = one => ((T)one).Secret.KeyHash != key };
        foreach (var record in await index.Records.List<T>(old, ct))
            await grainOf(grains, record.Id).Reseal(record.Secret, vault.Seal(vault.Open(record.Secret)));
    }

    private static void Write(string marker, string key)
    {
        var unfinished = $"{marker}.{Guid.NewGuid():N}.new";
        SecretFile.Create(unfinished, key);
        File.Move(unfinished, marker, overwrite: true);
    }
}
