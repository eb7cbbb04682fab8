using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

/// <summary>A <c>virConnectPtr</c>.</summary>
internal sealed class LibvirtConnectionHandle() : SafeHandle(0, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Interop.Libvirt.ConnectClose(handle) >= 0;
}

/// <summary>A <c>virDomainPtr</c>: a reference to a libvirt domain, not the guest itself.</summary>
internal sealed class LibvirtDomainHandle : SafeHandle
{
    /// <summary>For the marshaller.</summary>
    public LibvirtDomainHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <summary>Takes over a pointer that libvirt handed out in a list.</summary>
    public LibvirtDomainHandle(nint pointer)
        : base(0, ownsHandle: true) => SetHandle(pointer);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Interop.Libvirt.DomainFree(handle) == 0;
}
