using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Grains.Compute;

/// <summary>Lifts the limits that a cloud of real machines begins with. Meant for played nodes, whose servers take nothing from anybody
/// and are there to be many.</summary>
public static class QuotaBootstrap
{
    /// <summary>Sets the default class to unlimited servers, cores and memory, unless somebody has ever set it.</summary>
    public static async Task LiftServerLimits(IServiceProvider services, CancellationToken ct)
    {
        var limits = await services.GetRequiredService<QuotaClasses>().Limits(ComputeQuotas.DefaultClass, ct);
        if (limits.Count > 0)
            return;
        await services.GetRequiredService<IGrainFactory>().GetGrain<IQuotaClassGrain>(ComputeQuotas.DefaultClass)
            .SetLimits(new Dictionary<string, int> { ["instances"] = -1, ["cores"] = -1, ["ram"] = -1 });
    }
}
