using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    internal static partial class Libvirt
    {
        /// <summary><c>VIR_UUID_BUFLEN</c>.</summary>
        internal const int UuidBytes = 16;

        [LibraryImport(Library, EntryPoint = "virConnectListAllDomains")]
        internal static unsafe partial int ConnectListAllDomains(LibvirtConnectionHandle connection, nint** domains, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainLookupByUUIDString", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial LibvirtDomainHandle DomainLookupByUuidString(LibvirtConnectionHandle connection, string uuid);

        [LibraryImport(Library, EntryPoint = "virDomainDefineXMLFlags", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial LibvirtDomainHandle DomainDefineXmlFlags(LibvirtConnectionHandle connection, string xml, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainUndefineFlags")]
        internal static partial int DomainUndefineFlags(LibvirtDomainHandle domain, DomainUndefine flags);

        [LibraryImport(Library, EntryPoint = "virDomainFree")]
        internal static partial int DomainFree(nint domain);

        /// <summary><c>virDomainUndefineFlagsValues</c>.</summary>
        [Flags]
        internal enum DomainUndefine : uint
        {
            ManagedSave = 1,
            SnapshotsMetadata = 2,
            Nvram = 4,
            CheckpointsMetadata = 16,
        }
    }
}
