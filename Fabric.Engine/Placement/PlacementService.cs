using System.Collections.Concurrent;
using Fabric.Engine.CodeGeneration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Fabric.Engine;

/// <summary>
/// Says on which silo a grain belongs that has no activation here. Custom strategies ask their director; all others take the rendezvous
/// hash over the silos that hold grains. What decides must be the same on every silo: there is no directory that would remember a choice.
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
        if (grainClass.MaxLocalWorkers > 0)
            return new(silo.Address.IsClient ? Somewhere(request.TargetId) : silo.Address);
        return Place(grainClass, request.TargetId, request);
    }

    /// <summary>False when an activation should be on another silo, or on none.</summary>
    internal async ValueTask<bool> BelongsHere(Activation activation)
    {
        if (activation.Class.MaxLocalWorkers > 0)
            return true;
        try
        {
            return (await Place(activation.Class, activation.GrainId, null).ConfigureAwait(false)).Equals(silo.Address);
        }
        catch (OrleansException)
        {
            return false;
        }
    }

    private ValueTask<SiloAddress> Place(GrainClass grainClass, GrainId grain, GrainRequest? request)
    {
        var view = silo.Membership.Current;
        if (grainClass.Strategy is { } strategy)
        {
            if (strategy is SiloPinnedPlacement)
                return new(SiloAddress.FromParsableString(grain.Key.ToString()));
            if (strategy is SiloRoleBasedPlacement)
                return new(RendezvousHash.Choose(grain, view.InRole(grain.Key.ToString())));
            if (Director(strategy.GetType()) is { } director)
                return new(director.OnAddActivation(strategy, TargetOf(grain, request), this));
        }

        var silos = view.Control;
        return new(silos.Length == 1 ? silos[0] : RendezvousHash.Choose(grain, silos));
    }

    /// <summary>For a client: it holds no grains, so what lives everywhere is asked at one of the silos.</summary>
    private SiloAddress Somewhere(GrainId grain) => RendezvousHash.Choose(grain, silo.Membership.Current.Control);

    private static PlacementTarget TargetOf(GrainId grain, GrainRequest? request) =>
        new(grain, request?.Headers?.ToDictionary(), request?.Target.InterfaceType ?? default, 0);

    private IPlacementDirector? Director(Type strategy) =>
        _directors.GetOrAdd(strategy, type => silo.Services.GetKeyedService<IPlacementDirector>(type));
}
