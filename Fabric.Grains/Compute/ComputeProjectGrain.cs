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

    public async Task<IReadOnlyDictionary<string, int>> Limits(UserId? user)
    {
        var defaults = await classes.Limits(ComputeQuotas.DefaultClass, CancellationToken.None);
        return OfUser(user) is { } own
            ? ComputeQuotas.Over(defaults, record.State.Limits, own)
            : ComputeQuotas.Over(defaults, record.State.Limits);
    }

    public async Task<IReadOnlyDictionary<string, int>> LimitsFor(UserId user)
    {
        var limits = await Limits(null);
        return OfUser(user) is null ? limits : ComputeQuotas.Lower(limits, await Limits(user));
    }

    public Task<IReadOnlyDictionary<string, long>> GivenToUsers(UserId? except)
    {
        var given = record.State.Users.Where(user => user.Key != except?.Text).SelectMany(static user => user.Value)
            .Where(static limit => limit.Value > 0).GroupBy(static limit => limit.Key, static limit => (long)limit.Value);
        return Task.FromResult<IReadOnlyDictionary<string, long>>(
            given.ToDictionary(static limits => limits.Key, static limits => limits.Sum(), StringComparer.Ordinal));
    }

    public Task<ComputeUsage> Usage(UserId? user) => Task.FromResult(user is { } one ? UsedBy(one) : Used);

    public async Task<IReadOnlyList<InstanceId>> Claim(QuotaClaim claim, int least)
    {
        var limits = await Limits(null);
        var ofUser = OfUser(claim.UserId) is null ? null : await Limits(claim.UserId);
        var fits = Fits(limits, ofUser, claim);
        if (fits < claim.Instances.Count)
        {
            // Before anybody is refused the count is made again: claims of makers that died are dropped.
            await Recount(CancellationToken.None);
            fits = Fits(limits, ofUser, claim);
        }

        if (fits < least)
        {
            var asked = ComputeUsage.Of(claim.Instances.Count, claim.Vcpus, claim.MemoryMiB);
            throw Fault.OverQuota("TooManyInstances", ComputeQuotas.Exceeded(limits, Used, asked)
                ?? ComputeQuotas.Exceeded(ofUser!, UsedBy(claim.UserId), asked)!);
        }

        InstanceId[] taken = [.. claim.Instances.Take(fits)];
        foreach (var id in taken)
            Hold(id, new(claim.UserId, claim.Vcpus, claim.MemoryMiB, clock.GetUtcNow()));
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
        await RequireRoomForGroup((await Limits(null))[ComputeQuotas.ServerGroups], user: null);
        if (OfUser(group.UserId) is not null)
            await RequireRoomForGroup((await Limits(group.UserId))[ComputeQuotas.ServerGroups], group.UserId);
        return await GrainFactory.GetGrain<IServerGroupGrain>(group.Id).Create(group);
    }

    public Task SetLimits(IReadOnlyDictionary<string, int> limits, UserId? user) =>
        user is { } one ? record.Set(one, limits, clock.GetUtcNow()) : record.Set(limits, clock.GetUtcNow());

    public async Task ClearLimits(UserId? user)
    {
        if (!record.RecordExists)
            return;
        if (user is { } one)
            await record.Clear(one, clock.GetUtcNow());
        else
            await record.ClearStateAsync();
    }

    private async Task RequireRoomForGroup(int most, UserId? user)
    {
        if (most >= 0 && await index.Count(ServerGroupState.Of(Project, user), CancellationToken.None) >= most)
            throw Fault.OverQuota("ServerGroupLimitExceeded", "Quota exceeded, too many server groups.");
    }

    /// <summary>What was set for the user; null when nothing was, and then the project's limits alone say what fits.</summary>
    private IReadOnlyDictionary<string, int>? OfUser(UserId? user) =>
        user is { } one ? record.State.Users.GetValueOrDefault(one.Text) : null;

    private ComputeUsage UsedBy(UserId user)
    {
        var own = held.Values.Where(one => one.UserId == user).ToArray();
        return new(own.Length, own.Sum(static one => (long)one.Vcpus), own.Sum(static one => (long)one.MemoryMiB));
    }

    private int Fits(IReadOnlyDictionary<string, int> limits, IReadOnlyDictionary<string, int>? ofUser, QuotaClaim claim)
    {
        var fits = ComputeQuotas.Fits(limits, Used, claim);
        return ofUser is null ? fits : Math.Min(fits, ComputeQuotas.Fits(ofUser, UsedBy(claim.UserId), claim));
    }

    private async Task Recount(CancellationToken ct)
    {
        var oldest = clock.GetUtcNow() - ClaimLifetime;
        var pending = held.Where(one => one.Value.Since > oldest).ToArray();
        var instances = await index.List<InstanceState>(new(InstanceState.Kind) { ProjectId = Project.Text }, ct);
        (cores, memoryMiB) = (0, 0);
        held.Clear();
        foreach (var instance in instances)
            Hold(instance.Id, new(instance.UserId, instance.Flavor.Vcpus, instance.Flavor.MemoryMiB, instance.CreatedAt));
        foreach (var (id, claim) in pending)
            Hold(id, claim);
    }

    private void Hold(InstanceId id, Held claim)
    {
        if (held.TryAdd(id, claim))
            (cores, memoryMiB) = (cores + claim.Vcpus, memoryMiB + claim.MemoryMiB);
    }

    private readonly record struct Held(UserId UserId, int Vcpus, int MemoryMiB, DateTimeOffset Since);
}
