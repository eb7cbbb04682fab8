using Fabric.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Yarp.ReverseProxy.Configuration;

namespace Fabric.Gateway.Forwarding;

/// <summary>Keeps YARP's destinations what the membership says: those of the active members that have the plan's tag. One that shuts down
/// is no longer active, so it gets nothing new and ends what it has.</summary>
internal sealed class ForwardingTargets(
    ForwardingPlan plan, InMemoryConfigProvider proxy, IGrainFactory grains, ISiloMetadataCache metadata, TimeProvider time,
        ILogger<ForwardingTargets> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private SortedDictionary<string, string> known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the port opens: the first request finds the members that are there.
        await Refresh();
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Refresh();
        }
    }

    private async Task Refresh()
    {
        try
        {
            var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
            SortedDictionary<string, string> found = new(StringComparer.Ordinal);
            foreach (var silo in hosts.Keys)
            {
                var tags = metadata.GetSiloMetadata(silo).Metadata;
                if (tags.ContainsKey(plan.Tag) && tags.TryGetValue(ClusterMember.ApiTag, out var address))
                    found[$"{silo}"] = address;
            }

            if (found.SequenceEqual(known))
                return;
            proxy.Update(plan.Routes, [plan.With(found)]);
            known = found;
            logger.Changed(plan.Cluster, string.Join(", ", found.Values));
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // The members known are still the best guess, and their health is watched.
            logger.Unknown(failure, plan.Cluster);
        }
    }
}
