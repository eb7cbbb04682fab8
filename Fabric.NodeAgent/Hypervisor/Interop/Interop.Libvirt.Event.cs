using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    internal static partial class Libvirt
    {
        /// <summary><c>VIR_DOMAIN_EVENT_ID_LIFECYCLE</c>.</summary>
        internal const int LifecycleEvent = 0;

        [LibraryImport(Library, EntryPoint = "virEventRegisterDefaultImpl")]
        internal static partial int EventRegisterDefaultImpl();

        [LibraryImport(Library, EntryPoint = "virEventRunDefaultImpl")]
        internal static partial int EventRunDefaultImpl();

        [LibraryImport(Library, EntryPoint = "virEventAddTimeout")]
        internal static unsafe partial int EventAddTimeout(
            int milliseconds, delegate* unmanaged[Cdecl]<int, nint, void> callback, nint opaque, nint free);

        [LibraryImport(Library, EntryPoint = "virConnectDomainEventRegisterAny")]
        internal static unsafe partial int ConnectDomainEventRegisterAny(
            LibvirtConnectionHandle connection,
            nint domain,
            int eventId,
            delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, int> callback,
            nint opaque,
            nint free);

        [LibraryImport(Library, EntryPoint = "virConnectDomainEventDeregisterAny")]
        internal static partial int ConnectDomainEventDeregisterAny(LibvirtConnectionHandle connection, int callbackId);
    }
}
