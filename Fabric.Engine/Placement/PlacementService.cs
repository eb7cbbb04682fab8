using System.Collections.Concurrent;
using Fabric.Engine.CodeGeneration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Fabric.Engine;

/// <summary>
/// Says on which silo a grain belongs that has no activation here. Custom strategies ask their director; all others take the rendezvous
/// hash.
/// </summary>
internal sealed class PlacementService(SiloRuntime silo) : IPlacementContext
{
    private readonly ConcurrentDictionary<Type, IPlacementDirector?> _directors = [];

    public SiloAddress LocalSilo => silo.Address;

    public SiloStatus LocalSiloStatus => silo.Status;

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        var active = silo.Membership.Current.Active;
        return active.Length > 0 ? active : throw new SiloUnavailableException($"No silo can host {target.GrainIdentity}.");
    }

    internal ValueTask<SiloAddress> Place(GrainClass grainClass, GrainRequest request)
    {
        if (grainClass.MaxLocalWorkers > 0 || grainClass.Strategy is PreferLocalPlacement)
            return new(silo.Address);
        if (grainClass.Strategy is { } strategy && Director(strategy.GetType()) is { } director)
            return new(director.OnAddActivation(strategy, TargetOf(request), this));
        var active = silo.Membership.Current.Active;
        return new(active.Length == 1 ? active[0] : RendezvousHash.Choose(request.TargetId, active));
    }

    private static PlacementTarget TargetOf(GrainRequest request) =>
        new(request.TargetId, request.Headers?.ToDictionary(), request.Target.InterfaceType, 0);

    private IPlacementDirector? Director(Type strategy) =>
        _directors.GetOrAdd(strategy, type => silo.Services.GetKeyedService<IPlacementDirector>(type));
}
