using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Drops the records of revoked tokens that have expired meanwhile. Takes no input: each round reads what is there.</summary>
internal sealed class RevokedTokenSweep(
    IResourceIndex index, IGrainFactory grains, TimeProvider time, ILogger<RevokedTokenSweep> logger)
    : PeriodicWork(TimeSpan.FromMinutes(30), time, logger)
{
    private readonly TimeProvider time = time;

    internal override async Task Run(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var token in await index.List<RevokedTokenState>(new(IdentityKinds.RevokedToken) { Descending = false }, ct))
        {
            if (token.ExpiresAt < now)
                await grains.GetGrain<IRevokedTokenGrain>(token.AuditId).Forget();
        }
    }
}
