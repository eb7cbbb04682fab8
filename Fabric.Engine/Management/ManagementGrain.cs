using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Answers for this silo. It is a stateless worker, so it always runs where it is asked.
/// </summary>
[StatelessWorker]
[GrainType("sys.management")]
internal sealed class ManagementGrain(SiloRuntime silo) : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive) => Task.FromResult(silo.Membership.Current.Members
        .Where(member => !onlyActive || member.Status == SiloStatus.Active)
            .ToDictionary(member => member.Address, member => member.Status));

    public Task ForceGarbageCollection(SiloAddress[] hostsIds)
    {
        if (hostsIds.Contains(silo.Address))
            GC.Collect();
        return Task.CompletedTask;
    }

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit)
    {
        if (hostsIds.Contains(silo.Address))
            silo.Collector.Collect(ageLimit);
        return Task.CompletedTask;
    }

    public Task ForceActivationCollection(TimeSpan ageLimit) => ForceActivationCollection([silo.Address], ageLimit);

    public Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds) =>
        Task.FromResult(hostsIds.Contains(silo.Address) ? [silo.Statistics()] : Array.Empty<SiloRuntimeStatistics>());

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        hostsIds.Contains(silo.Address) ? GetSimpleGrainStatistics() : Task.FromResult<SimpleGrainStatistic[]>([]);

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() =>
        Task.FromResult(silo.Catalog.All.GroupBy(activation => activation.Class)
        .Select(group => new SimpleGrainStatistic
        {
            GrainType = group.Key.Type.FullName!, SiloAddress = silo.Address, ActivationCount = group.Count(),
        }).OrderBy(each => each.GrainType, StringComparer.Ordinal).ToArray());

    public Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types, SiloAddress[]? hostsIds)
    {
        if (hostsIds is not null && !hostsIds.Contains(silo.Address))
            return Task.FromResult<DetailedGrainStatistic[]>([]);
        return Task.FromResult(silo.Catalog.All.Where(activation => types is null || types.Contains(activation.Class.Type.FullName))
            .Select(activation => new DetailedGrainStatistic
            {
                GrainType = activation.Class.Type.FullName!, SiloAddress = silo.Address, GrainId = activation.GrainId,
            }).ToArray());
    }

    public Task<int> GetTotalActivationCount() => Task.FromResult(silo.Catalog.All.Count());

    public ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference) =>
        new(silo.Catalog.TryGet(reference.GetGrainId(), out var target) && target is Activation ? silo.Address : null);

    public ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        new(silo.Catalog.All.Where(activation => activation.GrainId.Type == type).Select(activation => activation.GrainId).Distinct()
            .ToList());
}
