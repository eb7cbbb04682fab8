using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using static Fabric.NodeAgent.Hypervisor.Interop.Libvirt;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>Starts and ends guests that are defined.</summary>
internal sealed class GuestPower(LibvirtSession session, TimeSpan patience, TimeProvider time)
{
    /// <summary>A guest that boots does not hear the power button, so it is pressed again.</summary>
    private static readonly TimeSpan PressAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

    /// <summary>What OpenStack calls a state.</summary>
    public static PowerState Of(DomainState state) => state switch
    {
        // One that is shutting down is not down yet: that will be announced.
        DomainState.Running or DomainState.Blocked or DomainState.ShuttingDown => PowerState.Running,
        DomainState.Paused => PowerState.Paused,
        DomainState.ShutOff => PowerState.Shutdown,
        DomainState.Crashed => PowerState.Crashed,
        DomainState.PmSuspended => PowerState.Suspended,
        _ => PowerState.NoState,
    };

    /// <summary>Running, or at rest in the way wanted. A guest that is as it should be is left alone.</summary>
    public async Task Ensure(InstanceId id, DesiredPower wanted, CancellationToken ct)
    {
        switch (wanted)
        {
            case DesiredPower.Stopped:
                await End(id, graceful: true, ct);
                return;
            case DesiredPower.Suspended:
                await Do(id, Save, ct);
                return;
            case DesiredPower.Paused:
                await Do(id, Hold, ct);
                return;
        }
        if (await Do(id, Read, ct) == DomainState.ShuttingDown)
            await End(id, graceful: true, ct);
        await Do(id, Start, ct);
    }

    /// <summary>The next start begins anew.</summary>
    public Task DropSave(InstanceId id, CancellationToken ct) => Do(id, DropSave, ct);

    /// <summary>Not running. Gracefully: the power button first, and the plug when that did not help in time.</summary>
    public async Task End(InstanceId id, bool graceful, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        var limit = graceful ? patience : TimeSpan.Zero;
        var pressAt = TimeSpan.Zero;
        while (await Do(id, domain => domain.IsActive, ct))
        {
            var now = time.GetElapsedTime(begun);
            if (now >= limit)
            {
                await Do(id, PullPlug, ct);
                return;
            }
            if (now >= pressAt)
            {
                pressAt = now + PressAgain;
                await Do(id, Press, ct);
            }
            await Task.Delay(Glance, time, ct);
        }
    }

    private Task<T> Do<T>(InstanceId id, Func<LibvirtDomain, T> run, CancellationToken ct) => session.Run(
        open =>
        {
            using var domain = open.Find(id.Value)
                ?? throw new InvalidOperationException($"The libvirt domain of instance {id} went away.");
            return run(domain);
        },
        ct);

    private static DomainState Read(LibvirtDomain domain) => domain.State;

    private static bool Start(LibvirtDomain domain)
    {
        switch (domain.State)
        {
            case DomainState.Running or DomainState.Blocked:
                break;
            case DomainState.Paused:
                domain.Resume();
                break;
            case DomainState.PmSuspended:
                domain.Wake();
                break;
            default:
                domain.Start();
                break;
        }
        return true;
    }

    private static bool Hold(LibvirtDomain domain)
    {
        switch (domain.State)
        {
            case DomainState.Running or DomainState.Blocked:
                domain.Pause();
                break;
            case DomainState.Paused:
                break;
            case DomainState.PmSuspended:
                domain.Wake();
                domain.Pause();
                break;
            default:
                domain.StartPaused();
                break;
        }
        return true;
    }

    private static bool Save(LibvirtDomain domain)
    {
        if (domain.IsActive)
            domain.Save();
        return true;
    }

    private static bool DropSave(LibvirtDomain domain)
    {
        if (domain.IsSaved)
            domain.DropSave();
        return true;
    }

    private static bool Press(LibvirtDomain domain)
    {
        // A paused or sleeping guest cannot hear the button.
        if (domain.State is DomainState.Running or DomainState.Blocked)
            domain.PressPowerButton();
        return true;
    }

    private static bool PullPlug(LibvirtDomain domain)
    {
        domain.PullPlug();
        return true;
    }
}
