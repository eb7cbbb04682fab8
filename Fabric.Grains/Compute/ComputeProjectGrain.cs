using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <inheritdoc cref="IComputeProjectGrain"/>
[GrainType("compute.project")]
internal sealed class ComputeProjectGrain(
    [PersistentState(QuotaState.Kind)] IPersistentState<QuotaState> record, IResourceIndex index, QuotaClasses classes, TimeProvider clock)
    : Grain, IComputeProjectGrain
{
    /// <summary>A server claimed but not in the index for longer than this was never made: its maker died in between.</summary>
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromMinutes(1);

    private readonly Dictionary<InstanceId, Held> held = [];
    private long cores;
    private long memoryMiB;

    private ProjectId Project => new(this.GetPrimaryKeyString());

    private ComputeUsage Used => new(held.Count, cores, memoryMiB);

    public override Task OnActivateAsync(CancellationToken cancellationToken) => Recount(cancellationToken);

    public async Task<IReadOnlyDictionary<string, int>> Limits() =>
        ComputeQuotas.Over(await classes.Limits(ComputeQuotas.DefaultClass, CancellationToken.None), record.State.Limits);

    public Task<ComputeUsage> Usage() => Task.FromResult(Used);

    public async Task<IReadOnlyList<InstanceId>> Claim(QuotaClaim claim, int least)
    {
        var limits = await Limits();
        var fits = Fits(limits, claim);
        if (fits < claim.Instances.Count)
        {
            // Before anybody is refused the count is made again: claims of makers that died are dropped.
            await Recount(CancellationToken.None);
            fits = Fits(limits, claim);
        }

        if (fits < least)
        {
            var asked = ComputeUsage.Of(claim.Instances.Count, claim.Vcpus, claim.MemoryMiB);
            throw Fault.OverQuota("TooManyInstances", ComputeQuotas.Exceeded(limits, Used, asked)!);
        }

        InstanceId[] taken = [.. claim.Instances.Take(fits)];
        foreach (var id in taken)
            Hold(id, new(claim.Vcpus, claim.MemoryMiB, clock.GetUtcNow()));
        return taken;
    }

    public Task Released(InstanceId id)
    {
        if (held.Remove(id, out var was))
            (cores, memoryMiB) = (cores - was.Vcpus, memoryMiB - was.MemoryMiB);
        return Task.CompletedTask;
    }

    public async Task<ServerGroupState> CreateServerGroup(ServerGroupState group)
    {
        var most = (await Limits())[ComputeQuotas.ServerGroups];
        if (most >= 0 && await index.Count(new(ServerGroupState.Kind) { ProjectId = Project.Text }, CancellationToken.None) >= most)
            throw Fault.OverQuota("ServerGroupLimitExceeded", "Quota exceeded, too many server groups.");
        return await GrainFactory.GetGrain<IServerGroupGrain>(group.Id).Create(group);
    }

    public Task SetLimits(IReadOnlyDictionary<string, int> limits) => record.Set(limits, clock.GetUtcNow());

    public async Task ClearLimits()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
    }

    private int Fits(IReadOnlyDictionary<string, int> limits, QuotaClaim claim)
    {
        long fits = claim.Instances.Count;
        Narrow(limits[ComputeQuotas.Instances], held.Count, 1);
        Narrow(limits[ComputeQuotas.Cores], cores, claim.Vcpus);
        Narrow(limits[ComputeQuotas.Ram], memoryMiB, claim.MemoryMiB);
        return (int)fits;

        void Narrow(long limit, long used, long each)
        {
            if (limit >= 0 && each > 0)
                fits = Math.Min(fits, Math.Max(0, limit - used) / each);
        }
    }

    private async Task Recount(CancellationToken ct)
    {
        var oldest = clock.GetUtcNow() - ClaimLifetime;
        var pending = held.Where(one => one.Value.Since > oldest).ToArray();
        var instances = await index.List<InstanceState>(new(InstanceState.Kind) { ProjectId = Project.Text }, ct);
        (cores, memoryMiB) = (0, 0);
        held.Clear();
        foreach (var instance in instances)
            Hold(instance.Id, new(instance.Flavor.Vcpus, instance.Flavor.MemoryMiB, instance.CreatedAt));
        foreach (var (id, claim) in pending)
            Hold(id, claim);
    }

    private void Hold(InstanceId id, Held claim)
    {
        if (held.TryAdd(id, claim))
            (cores, memoryMiB) = (cores + claim.Vcpus, memoryMiB + claim.MemoryMiB);
    }

    private readonly record struct Held(int Vcpus, int MemoryMiB, DateTimeOffset Since);
}
