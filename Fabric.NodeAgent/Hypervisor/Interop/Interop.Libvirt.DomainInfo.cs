using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    internal static partial class Libvirt
    {
        [LibraryImport(Library, EntryPoint = "virDomainGetState")]
        internal static partial int DomainGetState(LibvirtDomainHandle domain, out DomainState state, out int reason, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainGetUUID")]
        internal static unsafe partial int DomainGetUuid(LibvirtDomainHandle domain, byte* uuid);

        [LibraryImport(Library, EntryPoint = "virDomainGetUUID")]
        internal static unsafe partial int DomainGetUuid(nint domain, byte* uuid);

        [LibraryImport(Library, EntryPoint = "virDomainGetMetadata", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint DomainGetMetadata(LibvirtDomainHandle domain, DomainMetadata type, string uri, DomainAffect flags);

        [LibraryImport(Library, EntryPoint = "virDomainSetMetadata", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int DomainSetMetadata(
            LibvirtDomainHandle domain, DomainMetadata type, string metadata, string key, string uri, DomainAffect flags);

        /// <summary><c>virDomainState</c>.</summary>
        internal enum DomainState
        {
            NoState,
            Running,
            Blocked,
            Paused,
            ShuttingDown,
            ShutOff,
            Crashed,
            PmSuspended,
        }

        /// <summary><c>virDomainMetadataType</c>.</summary>
        internal enum DomainMetadata
        {
            Description,
            Title,
            Element,
        }

        /// <summary><c>virDomainModificationImpact</c>.</summary>
        [Flags]
        internal enum DomainAffect : uint
        {
            Current = 0,
            Live = 1,
            Config = 2,
        }
    }
}
