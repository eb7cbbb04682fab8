using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Drops the events of the log of revocations that void nothing any more, and OAuth1 request tokens that have ended. Takes no
/// input: each round reads what is there.</summary>
internal sealed class RevokedTokenSweep(
    IResourceIndex index, IGrainFactory grains, TimeProvider time, ILogger<RevokedTokenSweep> logger)
    : PeriodicWork(TimeSpan.FromMinutes(30), time, logger)
{
    private readonly TimeProvider time = time;

    public override async Task Run(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var token in await index.List<RevokedTokenState>(new(IdentityKinds.RevokedToken) { Descending = false }, ct))
        {
            if (token.ExpiresAt < now)
                await grains.GetGrain<IRevokedTokenGrain>(token.What.Key).Forget();
        }

        foreach (var token in await index.List<RequestTokenState>(new(IdentityKinds.RequestToken) { Descending = false }, ct))
        {
            if (token.ExpiresAt < now)
                await grains.GetGrain<IRequestTokenGrain>(token.Id).Forget();
        }
    }
}
