using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Brings a message to its target. An activation that is here gets it at once. Otherwise placement says where the grain belongs: here,
/// and an
/// activation is made; or on another silo, and the transport takes it. A message is delivered at most once: it is routed again only when
/// the
/// target says that it did not take it.
/// </summary>
internal sealed class MessageRouter(SiloRuntime silo, PlacementService placement, IMessageTransport transport)
{
    internal void Route(GrainRequest request)
    {
        try
        {
            while (silo.Catalog.TryGet(request.TargetId, out var target))
            {
                if (target.Post(request))
                    return;
            }

            Place(request);
        }
        catch (Exception failure)
        {
            request.Fail(failure);
        }
    }

    private void Place(GrainRequest request)
    {
        if (ObserverDirectory.IsObserver(request.TargetId))
        {
            request.Fail(new ClientNotAvailableException(request.TargetId));
            return;
        }

        var grainClass = silo.Types.Class(request.TargetId.Type)
            ?? throw new ArgumentException($"No grain class for {request.TargetId}: the type \"{request.TargetId.Type}\" is not "
                + $"known here.");
        if (silo.IsStopping)
            throw new SiloUnavailableException($"Silo {silo.Address} is stopping.");
        var placed = placement.Place(grainClass, request);
        if (placed.IsCompletedSuccessfully)
            Deliver(request, grainClass, placed.Result);
        else
            _ = DeliverWhenPlaced(request, grainClass, placed);
    }

    private async Task DeliverWhenPlaced(GrainRequest request, GrainClass grainClass, ValueTask<SiloAddress> placed)
    {
        try
        {
            Deliver(request, grainClass, await placed.ConfigureAwait(false));
        }
        catch (Exception failure)
        {
            request.Fail(failure);
        }
    }

    private void Deliver(GrainRequest request, GrainClass grainClass, SiloAddress where)
    {
        if (!where.Equals(silo.Address))
        {
            transport.Send(where, request);
            return;
        }

        while (!silo.Catalog.GetOrCreate(request.TargetId, grainClass).Post(request))
        {
            // It left between look-up and post; the catalog has forgotten it by now.
        }
    }
}

/// <summary>Carries messages to other silos and their answers back.</summary>
internal interface IMessageTransport
{
    void Send(SiloAddress silo, GrainRequest request);
}

/// <summary>The transport of a silo that is alone: there is nobody to send to.</summary>
internal sealed class NoTransport : IMessageTransport
{
    public void Send(SiloAddress silo, GrainRequest request) =>
        request.Fail(new SiloUnavailableException($"Silo {silo} cannot be reached: this silo is alone."));
}
