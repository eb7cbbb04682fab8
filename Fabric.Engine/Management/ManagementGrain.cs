using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Answers for the cluster. It is a stateless worker, so it always runs where it is asked; what it does not know itself it asks the others'
/// <see cref="ISiloControl"/> for. A silo that dies while it is asked has no figures.
/// </summary>
[StatelessWorker]
[GrainType("sys.management")]
internal sealed class ManagementGrain(SiloRuntime silo) : Grain, IManagementGrain
{
    private SiloAddress[] Active => [.. silo.Membership.Current.Members
        .Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown).Select(member => member.Address)];

    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive) => Task.FromResult(silo.Membership.Current.Members
        .Where(member => !onlyActive || member.Status == SiloStatus.Active)
            .ToDictionary(member => member.Address, member => member.Status));

    public Task ForceGarbageCollection(SiloAddress[] hostsIds) => Each(hostsIds, static control => Done(control.CollectGarbage()));

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) =>
        Each(hostsIds, control => Done(control.CollectActivations(ageLimit)));

    public Task ForceActivationCollection(TimeSpan ageLimit) => ForceActivationCollection(Active, ageLimit);

    public async Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds) =>
        [.. await Each(hostsIds, static control => control.Statistics())];

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        [.. (await Each(hostsIds, static control => control.SimpleGrainStatistics())).SelectMany(static each => each)];

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => GetSimpleGrainStatistics(Active);

    public async Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types, SiloAddress[]? hostsIds) =>
        [.. (await Each(hostsIds ?? Active, control => control.DetailedGrainStatistics(types))).SelectMany(static each => each)];

    public async Task<int> GetTotalActivationCount() => (await GetSimpleGrainStatistics()).Sum(static each => each.ActivationCount);

    public async ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference)
    {
        var grain = reference.GetGrainId();
        var silos = await Each(Active, async control => (Address: control.GetPrimaryKeyString(), Has: await control.HasActivation(grain)));
        var found = silos.Where(static each => each.Has).Select(static each => each.Address).FirstOrDefault();
        return found is null ? null : SiloAddress.FromParsableString(found);
    }

    public async ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        [.. (await GetDetailedGrainStatistics(null, null)).Select(static each => each.GrainId).Where(id => id.Type == type).Distinct()];

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private async Task<List<T>> Each<T>(IEnumerable<SiloAddress> silos, Func<ISiloControl, Task<T>> ask)
    {
        var asked = silos.Intersect(Active).Select(address => GrainFactory.GetGrain<ISiloControl>(address.ToParsableString())).ToList();
        var answers = await Task.WhenAll(asked.Select(async control =>
        {
            try
            {
                return (Came: true, Answer: await ask(control));
            }
            catch (SiloUnavailableException)
            {
                return (Came: false, Answer: default(T)!);
            }
        }));
        return [.. answers.Where(static each => each.Came).Select(static each => each.Answer)];
    }
}
