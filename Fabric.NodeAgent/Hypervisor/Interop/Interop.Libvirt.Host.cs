using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    internal static partial class Libvirt
    {
        [LibraryImport(Library, EntryPoint = "virConnectGetVersion")]
        internal static partial int ConnectGetVersion(LibvirtConnectionHandle connection, out CULong version);

        [LibraryImport(Library, EntryPoint = "virConnectGetCapabilities")]
        internal static partial nint ConnectGetCapabilities(LibvirtConnectionHandle connection);

        [LibraryImport(Library, EntryPoint = "virConnectGetDomainCapabilities", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint ConnectGetDomainCapabilities(
            LibvirtConnectionHandle connection, string? emulator, string? architecture, string? machine, string? virtType, uint flags);

        [LibraryImport(Library, EntryPoint = "virNodeGetInfo")]
        internal static partial int NodeGetInfo(LibvirtConnectionHandle connection, out NodeInfo info);

        /// <summary><c>virNodeInfo</c>.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal unsafe struct NodeInfo
        {
            internal fixed byte Model[32];
            internal CULong MemoryKiB;
            internal uint Cpus;
            internal uint Mhz;
            internal uint NumaNodes;
            internal uint Sockets;
            internal uint Cores;
            internal uint Threads;
        }
    }
}
