using static Fabric.NodeAgent.Hypervisor.Interop.Libvirt;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>One libvirt domain: what can be asked of it and done to it. All calls block.</summary>
internal sealed class LibvirtDomain(LibvirtDomainHandle handle) : IDisposable
{
    private const DomainUndefine Everything =
        DomainUndefine.ManagedSave | DomainUndefine.SnapshotsMetadata | DomainUndefine.Nvram | DomainUndefine.CheckpointsMetadata;

    /// <summary>Its UUID, which is the instance's id.</summary>
    public unsafe Guid Uuid
    {
        get
        {
            Span<byte> uuid = stackalloc byte[UuidBytes];
            fixed (byte* bytes = uuid)
                Check(DomainGetUuid(handle, bytes), "get a UUID");
            return new Guid(uuid, bigEndian: true);
        }
    }

    /// <summary>Its state now.</summary>
    public DomainState State
    {
        get
        {
            Check(DomainGetState(handle, out var state, out _, 0), "get a state");
            return state;
        }
    }

    /// <summary>Whether there is a process.</summary>
    public bool IsActive => State is not (DomainState.ShutOff or DomainState.Crashed or DomainState.NoState);

    /// <summary>Our mark on it; null when it is a stranger's.</summary>
    public GuestMark? Mark
    {
        get
        {
            var text = DomainGetMetadata(handle, DomainMetadata.Element, GuestMark.Namespace, DomainAffect.Current);
            if (text != 0)
                return GuestMark.Parse(LibvirtConnection.Take(text, "get metadata"));
            var error = LibvirtException.Last("get metadata");
            // A domain that went away meanwhile has no mark either.
            return error.Number is ErrorNumber.NoDomainMetadata or ErrorNumber.NoDomain ? null : throw error;
        }
    }

    /// <summary>Changes our mark, in the definition and in the guest that runs.</summary>
    public void SetMark(GuestMark mark)
    {
        var affect = DomainAffect.Config | (IsActive ? DomainAffect.Live : DomainAffect.Current);
        Check(
            DomainSetMetadata(handle, DomainMetadata.Element, mark.ToXml(), GuestMark.Prefix, GuestMark.Namespace, affect),
            "set metadata");
    }

    /// <summary>Whether its memory is kept on disk.</summary>
    public bool IsSaved
    {
        get
        {
            var kept = DomainHasManagedSaveImage(handle, 0);
            Check(kept, "ask for a managed save");
            return kept > 0;
        }
    }

    /// <summary>Starts it, from its kept memory when there is one; nothing to do when it runs.</summary>
    public void Start() => Start(DomainCreate.None);

    /// <summary>As <see cref="Start()"/>, with its CPUs held.</summary>
    public void StartPaused() => Start(DomainCreate.Paused);

    /// <summary>Holds its CPUs.</summary>
    public void Pause() => Check(DomainSuspend(handle), "suspend a domain");

    /// <summary>Keeps its memory on disk, and ends it.</summary>
    public void Save() => Check(DomainManagedSave(handle, 0), "save a domain");

    /// <summary>Forgets the memory that was kept.</summary>
    public void DropSave() => Check(DomainManagedSaveRemove(handle, 0), "remove a managed save");

    /// <summary>Presses the power button; nothing to do when it does not run.</summary>
    public void PressPowerButton() =>
        CheckUnless(DomainShutdownFlags(handle, DomainShutdown.AcpiPowerButton), ErrorNumber.OperationInvalid, "shut a domain down");

    /// <summary>Pulls the plug; nothing to do when it does not run.</summary>
    public void PullPlug() => CheckUnless(DomainDestroyFlags(handle, 0), ErrorNumber.OperationInvalid, "destroy a domain");

    /// <summary>Lets a paused one go on.</summary>
    public void Resume() => Check(DomainResume(handle), "resume a domain");

    /// <summary>Wakes one that put itself to sleep.</summary>
    public void Wake() => Check(DomainPmWakeup(handle, 0), "wake a domain");

    /// <summary>Forgets its definition.</summary>
    public void Undefine() => CheckUnless(DomainUndefineFlags(handle, Everything), ErrorNumber.NoDomain, "undefine a domain");

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private void Start(DomainCreate flags) =>
        CheckUnless(DomainCreateWithFlags(handle, flags), ErrorNumber.OperationInvalid, "start a domain");

    private static void Check(int result, string call)
    {
        if (result < 0)
            throw LibvirtException.Last(call);
    }

    private static void CheckUnless(int result, ErrorNumber harmless, string call)
    {
        if (result >= 0)
            return;
        var error = LibvirtException.Last(call);
        if (error.Number != harmless)
            throw error;
    }
}
