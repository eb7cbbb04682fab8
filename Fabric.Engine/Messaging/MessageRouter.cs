using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Brings a message to its target. An activation that is here gets it at once. Otherwise placement says where the grain belongs: here, and
/// an activation is made; or on another silo. A call of ours then goes to the transport. A call that came from another silo goes back to
/// it, with the place where it should go: who called knows whether it still waits, so a call is never on its way twice. A message is
/// delivered at most once: it is routed again only when it was surely not executed.
/// </summary>
internal sealed class MessageRouter(SiloRuntime silo, PlacementService placement, IMessageTransport transport)
{
    // As often as a call may be sent on, so may a one-way message, which nobody waits for and silos send on themselves.
    private const int MaxHops = 2;

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

    /// <summary>This silo does not act now. Whoever sent the call may find another that does.</summary>
    internal void Refuse(GrainRequest request)
    {
        if (request.Remote is ReceivedCall received)
            received.Reject(RejectionReason.NotActing, null);
        else
            request.Fail(new SiloUnavailableException($"Silo {silo.Address} does not act now: it stops, or its lease is over."));
    }

    private void Place(GrainRequest request)
    {
        if (ObserverDirectory.IsObserver(request.TargetId))
        {
            PlaceObserver(request);
            return;
        }

        if (!silo.Lease.MayAct(silo.Clock.Now))
        {
            Refuse(request);
            return;
        }

        var grainClass = silo.Types.Class(request.TargetId.Type)
            ?? throw new ArgumentException($"No grain class for {request.TargetId}: the type \"{request.TargetId.Type}\" is not "
                + $"known here.");
        var version = silo.Membership.Current.Version;
        var placed = placement.Place(grainClass, request);
        if (placed.IsCompletedSuccessfully)
            Deliver(request, grainClass, placed.Result, version);
        else
            _ = DeliverWhenPlaced(request, grainClass, placed, version);
    }

    private void PlaceObserver(GrainRequest request)
    {
        var home = ObserverDirectory.HomeOf(request.TargetId);
        if (!home.IsClient)
            home = silo.Membership.Current.FindLater(home)?.Address ?? home;
        if (home.Equals(silo.Address) || request.Remote is ReceivedCall)
            request.Fail(new ClientNotAvailableException(request.TargetId));
        else
            transport.Send(home, request);
    }

    private async Task DeliverWhenPlaced(GrainRequest request, GrainClass grainClass, ValueTask<SiloAddress> placed,
        MembershipVersion version)
    {
        try
        {
            Deliver(request, grainClass, await placed.ConfigureAwait(false), version);
        }
        catch (Exception failure)
        {
            request.Fail(failure);
        }
    }

    private void Deliver(GrainRequest request, GrainClass grainClass, SiloAddress where, MembershipVersion version)
    {
        if (!where.Equals(silo.Address))
        {
            SendOn(request, where);
            return;
        }

        if (silo.IsStopping)
        {
            Refuse(request);
            return;
        }

        while (!silo.Catalog.GetOrCreate(request.TargetId, grainClass, version).Post(request))
        {
            // It left between look-up and post; the catalog has forgotten it by now.
        }
    }

    private void SendOn(GrainRequest request, SiloAddress where)
    {
        if (request.Remote is not ReceivedCall received)
            transport.Send(where, request);
        else if (!received.IsOneWay)
            received.Reject(RejectionReason.Moved, where);
        else if (received.Hops < MaxHops)
            transport.Send(where, request);
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
