using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>What one silo tells and does for the management of all; its key is the silo's address.</summary>
internal interface ISiloControl : IGrainWithStringKey
{
    Task<SiloRuntimeStatistics> Statistics();

    Task<SimpleGrainStatistic[]> SimpleGrainStatistics();

    Task<DetailedGrainStatistic[]> DetailedGrainStatistics(string[]? types);

    Task<bool> HasActivation(GrainId grain);

    Task CollectActivations(TimeSpan ageLimit);

    Task CollectGarbage();
}

/// <inheritdoc cref="ISiloControl"/>
[SiloPinnedPlacement]
[GrainType("sys.silo")]
internal sealed class SiloControl(SiloRuntime silo) : Grain, ISiloControl
{
    public Task<SiloRuntimeStatistics> Statistics() => Task.FromResult(SiloFigures.Runtime(silo));

    public Task<SimpleGrainStatistic[]> SimpleGrainStatistics() => Task.FromResult(SiloFigures.Simple(silo));

    public Task<DetailedGrainStatistic[]> DetailedGrainStatistics(string[]? types) => Task.FromResult(SiloFigures.Detailed(silo, types));

    public Task<bool> HasActivation(GrainId grain) => Task.FromResult(SiloFigures.Has(silo, grain));

    public Task CollectActivations(TimeSpan ageLimit)
    {
        silo.Collector.Collect(ageLimit);
        return Task.CompletedTask;
    }

    public Task CollectGarbage()
    {
        GC.Collect();
        return Task.CompletedTask;
    }
}

/// <summary>The figures of this silo. Its own control grain is not counted: whoever looks must not change what is seen.</summary>
internal static class SiloFigures
{
    private static readonly GrainType Control = GrainType.Create("sys.silo");

    internal static SiloRuntimeStatistics Runtime(SiloRuntime silo) => silo.Statistics();

    internal static SimpleGrainStatistic[] Simple(SiloRuntime silo) => All(silo).GroupBy(activation => activation.Class)
        .Select(group => new SimpleGrainStatistic
        {
            GrainType = group.Key.Type.FullName!, SiloAddress = silo.Address, ActivationCount = group.Count(),
        }).OrderBy(each => each.GrainType, StringComparer.Ordinal).ToArray();

    internal static DetailedGrainStatistic[] Detailed(SiloRuntime silo, string[]? types) => All(silo)
        .Where(activation => types is null || types.Contains(activation.Class.Type.FullName))
        .Select(activation => new DetailedGrainStatistic
        {
            GrainType = activation.Class.Type.FullName!, SiloAddress = silo.Address, GrainId = activation.GrainId,
        }).ToArray();

    internal static bool Has(SiloRuntime silo, GrainId grain) => silo.Catalog.TryGet(grain, out var target) && target is Activation;

    internal static IEnumerable<Activation> All(SiloRuntime silo) => silo.Catalog.All.Where(static each => each.GrainId.Type != Control);
}
