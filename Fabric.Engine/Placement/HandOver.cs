using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// What keeps a grain from living in two silos while a view changes, without a directory. After a change each silo ends the activations
/// that belong elsewhere now, and says that it has settled in this view once the last of them is gone. Until all others have said so, a
/// silo asks those who have not before it makes an activation, and waits till they have let go: the running request of the old activation
/// finishes, with all that it writes, and only then the new one reads its record.
/// A silo that does not answer is waited for until it is dead: then its lease is over and it does nothing any more.
/// </summary>
internal sealed class HandOver(SiloRuntime silo, SiloTransport transport)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<SiloAddress, long> _settled = [];
    private readonly Lock _gate = new();
    private long _settledHere = long.MinValue;
    private long _allSettled = long.MinValue;
    private Task _settling = Task.CompletedTask;

    /// <summary>The last view in which nothing is left here that belongs elsewhere.</summary>
    internal MembershipVersion SettledHere => new(Volatile.Read(ref _settledHere));

    /// <summary>Ends what moved with this view.</summary>
    internal void Begin(MembershipView view)
    {
        lock (_gate)
            _settling = Settle(view);
    }

    /// <summary>Waits until nothing is left here that belongs elsewhere.</summary>
    internal Task Settled()
    {
        lock (_gate)
            return _settling;
    }

    internal void OtherSettled(SiloAddress other, MembershipVersion version) => _settled.AddOrUpdate(other,
        static (_, told) => told, static (_, known, told) => Math.Max(known, told), version.Value);

    /// <summary>True when no other silo can have an activation that belongs here.</summary>
    internal bool IsClear
    {
        get
        {
            var view = silo.Membership.Current;
            if (Volatile.Read(ref _allSettled) == view.Version.Value)
                return true;
            if (Unsettled(view).Count > 0)
                return false;
            Volatile.Write(ref _allSettled, view.Version.Value);
            return true;
        }
    }

    /// <summary>A view in which a grain was acquired, and that this silo still goes by.</summary>
    internal bool MayBegin(MembershipVersion version) => silo.Membership.Current.Version == version;

    /// <summary>Waits until every other silo has let go of a grain.</summary>
    internal async Task Acquire(GrainId grain, CancellationToken token)
    {
        // Those who have let go in this view cannot take it up again in it.
        var letGo = new HashSet<SiloAddress>();
        while (true)
        {
            var open = Unsettled(silo.Membership.Current).Where(each => !letGo.Contains(each)).ToList();
            if (open.Count == 0)
                return;
            var asked = await Task.WhenAll(open.Select(each => Ask(each, grain, token)));
            for (var index = 0; index < open.Count; index++)
            {
                if (asked[index])
                    letGo.Add(open[index]);
            }

            if (Array.Exists(asked, static each => !each))
                await Task.Delay(Pause, silo.Clock.Time, token);
        }
    }

    /// <summary>Another silo makes an activation of this grain: done when there is none here.</summary>
    internal async Task LetGo(GrainId grain)
    {
        if (!silo.Catalog.TryGet(grain, out var target) || target is not Activation activation)
            return;
        // Two that wait for each other's letting go: neither has begun, and whoever the later view has will begin anew.
        if (activation.AbandonUnborn())
            return;
        activation.Deactivate(Moved);
        await activation.Deactivated.ConfigureAwait(false);
    }

    private static DeactivationReason Moved => new(DeactivationReasonCode.Migrating, "The grain belongs to another silo now.");

    private async Task<bool> Ask(SiloAddress other, GrainId grain, CancellationToken token)
    {
        if (transport.LinkTo(other) is not { } link)
            return false;
        try
        {
            await link.Exchange.Release(grain, token);
            return true;
        }
        catch (SiloUnavailableException)
        {
            // Its connection broke. Either it comes back, or the next view has it dead.
            return false;
        }
    }

    private List<SiloAddress> Unsettled(MembershipView view)
    {
        var open = new List<SiloAddress>();
        foreach (var member in view.Members)
        {
            // Who is still joining has nothing yet.
            if (member.Status is SiloStatus.Dead or SiloStatus.Joining or SiloStatus.Created || member.Address.Equals(silo.Address))
                continue;
            if (_settled.GetValueOrDefault(member.Address, long.MinValue) < view.Version.Value)
                open.Add(member.Address);
        }

        return open;
    }

    private async Task Settle(MembershipView view)
    {
        // Off the thread that brings views.
        await Task.Yield();
        var leaving = new List<Task>();
        foreach (var activation in silo.Catalog.All)
        {
            if (await silo.Placement.BelongsHere(activation).ConfigureAwait(false))
                continue;
            leaving.Add(activation.Deactivated);
            activation.Deactivate(Moved);
        }

        await Task.WhenAll(leaving).ConfigureAwait(false);
        foreach (var gone in _settled.Keys.Where(each => view.Find(each) is null or { Status: SiloStatus.Dead }))
            _settled.TryRemove(gone, out _);
        // A later view may have come meanwhile; its own settling tells of it, and covers what this one could say.
        if (silo.Membership.Current.Version != view.Version)
            return;
        Volatile.Write(ref _settledHere, view.Version.Value);
        transport.Broadcast(new ControlMessage(MessageKind.Settled, (ulong)view.Version.Value));
    }
}
