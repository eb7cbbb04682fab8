using Fabric.Grains.Sagas;

namespace Fabric.Grains.Identity;

/// <summary>Limits, or registered limits, that come together.</summary>
[GenerateSerializer, Immutable, Alias("identity.limitstomake")]
public sealed record LimitsToMake
{
    [Id(0)] public IReadOnlyList<RegisteredLimitState> Registered { get; init; } = [];
    [Id(1)] public IReadOnlyList<LimitState> Limits { get; init; } = [];

    /// <summary>Names the act; set by the grain that does it.</summary>
    [Id(2)] public string ActId { get; init; } = "";
}

/// <summary>
/// Makes several limits, or registered limits, all or none. First each is written where nobody sees it, and may be refused; then those on
/// which they stand are asked to support them, which is the last that may be refused; then all are shown. What is refused takes everything
/// back. While the last step is under way some are seen before the others; after a crash it goes on until all are.
/// </summary>
internal sealed class MakeLimitsSaga(IGrainFactory grains) : Saga<LimitsToMake>
{
    /// <summary>Without end: what was half shown must not be taken back because a disk was full for long.</summary>
    public override TimeSpan RetryFor => TimeSpan.MaxValue;

    public override void Define(Steps<LimitsToMake> steps) => steps
        .Guard("some-may-be-written", undo: Discard)
        .Step("write", Write)
        .Step("support", Support)
        .Step("show", Show);

    public override Task Unwound(LimitsToMake value, SagaFailure failure, CancellationToken ct) => Ended(value, failure);

    public override Task Stuck(LimitsToMake value, SagaFailure failure, CancellationToken ct) => Ended(value, failure);

    private async Task Write(LimitsToMake value, CancellationToken ct)
    {
        foreach (var limit in value.Registered)
            await Registered(limit.Id).Prepare(limit);
        foreach (var limit in value.Limits)
            await Limit(limit.Id).Prepare(limit);
    }

    // Only now, when the limits are written: see RegisteredLimitGrain.RequireUnused.
    private async Task Support(LimitsToMake value, CancellationToken ct)
    {
        foreach (var limit in value.Limits.DistinctBy(static limit => limit.RegisteredLimitId))
            await Registered(limit.RegisteredLimitId).Support(limit.ServiceId, limit.RegionId, limit.ResourceName);
    }

    /// <summary>Last: nothing after it can fail, so it needs no undo.</summary>
    private async Task Show(LimitsToMake value, CancellationToken ct)
    {
        foreach (var limit in value.Registered)
            await Registered(limit.Id).Show();
        foreach (var limit in value.Limits)
            await Limit(limit.Id).Show();
        await Ended(value, null);
    }

    private async Task Discard(LimitsToMake value, CancellationToken ct)
    {
        foreach (var limit in value.Registered)
            await Registered(limit.Id).Discard();
        foreach (var limit in value.Limits)
            await Limit(limit.Id).Discard();
    }

    private Task Ended(LimitsToMake value, SagaFailure? failure) =>
        grains.GetGrain<ILimitMakingGrain>(value.ActId).Ended(failure);

    private IRegisteredLimitGrain Registered(string id) => grains.GetGrain<IRegisteredLimitGrain>(id);

    private ILimitGrain Limit(string id) => grains.GetGrain<ILimitGrain>(id);
}
