using Fabric.Grains.Storage;
using Microsoft.Extensions.Hosting;

namespace Fabric.Grains.Identity;

/// <summary>Drops the records of revoked tokens that have expired meanwhile. Takes no input: each round reads what is there.</summary>
internal sealed class RevokedTokenSweep(IResourceIndex index, IGrainFactory grains, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(30);

    internal async Task Run(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var token in await index.List<RevokedTokenState>(new(IdentityKinds.RevokedToken) { Descending = false }, ct))
        {
            if (token.ExpiresAt < now)
                await grains.GetGrain<IRevokedTokenGrain>(token.AuditId).Forget();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Run(stoppingToken);
    }
}
