namespace Fabric.Grains.Identity.Federation;

/// <summary>Removes identity providers and their protocols. The users whom they knew stay, without what they were known by. That goes
/// first: whoever dies in between leaves something that can be deleted again.</summary>
public sealed class FederationRemoval(FederationIndex federation, IGrainFactory grains)
{
    /// <summary>A provider; not found when there is none.</summary>
    public async Task RemoveProvider(string id, CancellationToken ct)
    {
        foreach (var user in await federation.UserIds(id, ct))
        {
            await grains.GetGrain<IFederatedGroupsGrain>(user).Leave(id);
            await grains.GetGrain<IUserGrain>(user).Unlink(id, null);
        }

        await grains.GetGrain<IIdentityProviderGrain>(id).Delete();
    }

    /// <summary>A protocol; not found when there is none.</summary>
    public async Task RemoveProtocol(IdentityProviderState provider, string id, CancellationToken ct)
    {
        if (provider.Protocol(id) is null)
            throw FederationFaults.NoProtocol(provider.Id, id);
        foreach (var user in await federation.UserIds(provider.Id, ct))
            await grains.GetGrain<IUserGrain>(user).Unlink(provider.Id, id);
        await grains.GetGrain<IIdentityProviderGrain>(provider.Id).RemoveProtocol(id);
    }
}
