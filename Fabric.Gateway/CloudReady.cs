using Fabric.Grains.Identity;
using Fabric.Hosting.Health;

namespace Fabric.Gateway;

/// <summary>Whether there are silos behind this gateway, and whether they have made what a cloud begins with.</summary>
public sealed class CloudReady(IGrainFactory grains) : IReadinessCheck
{
    /// <inheritdoc/>
    public async ValueTask<string?> Missing(CancellationToken ct)
    {
        try
        {
            var plan = await grains.GetGrain<IIdentityBootstrapGrain>(IIdentityBootstrapGrain.Key).Plan();
            return plan.Done ? null : "the first users";
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            return "silos";
        }
    }
}
