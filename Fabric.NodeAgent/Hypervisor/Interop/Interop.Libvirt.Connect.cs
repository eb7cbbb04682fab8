using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    /// <summary>libvirt's C API, as in <c>libvirt/libvirt-host.h</c>, <c>libvirt-domain.h</c>, <c>libvirt-event.h</c>,
    /// <c>virterror.h</c>.</summary>
    internal static partial class Libvirt
    {
        private const string Library = "libvirt.so.0";

        [LibraryImport(Library, EntryPoint = "virConnectOpen", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial LibvirtConnectionHandle ConnectOpen(string uri);

        [LibraryImport(Library, EntryPoint = "virConnectClose")]
        internal static partial int ConnectClose(nint connection);

        [LibraryImport(Library, EntryPoint = "virConnectIsAlive")]
        internal static partial int ConnectIsAlive(LibvirtConnectionHandle connection);

        [LibraryImport(Library, EntryPoint = "virConnectSetKeepAlive")]
        internal static partial int ConnectSetKeepAlive(LibvirtConnectionHandle connection, int intervalSeconds, uint count);
    }
}
