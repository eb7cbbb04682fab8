using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    internal static partial class Libvirt
    {
        [LibraryImport(Library, EntryPoint = "virDomainCreateWithFlags")]
        internal static partial int DomainCreateWithFlags(LibvirtDomainHandle domain, DomainCreate flags);

        [LibraryImport(Library, EntryPoint = "virDomainSuspend")]
        internal static partial int DomainSuspend(LibvirtDomainHandle domain);

        [LibraryImport(Library, EntryPoint = "virDomainManagedSave")]
        internal static partial int DomainManagedSave(LibvirtDomainHandle domain, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainHasManagedSaveImage")]
        internal static partial int DomainHasManagedSaveImage(LibvirtDomainHandle domain, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainManagedSaveRemove")]
        internal static partial int DomainManagedSaveRemove(LibvirtDomainHandle domain, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainCreateXML", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial LibvirtDomainHandle DomainCreateXml(LibvirtConnectionHandle connection, string xml, DomainCreate flags);

        [LibraryImport(Library, EntryPoint = "virDomainShutdownFlags")]
        internal static partial int DomainShutdownFlags(LibvirtDomainHandle domain, DomainShutdown flags);

        [LibraryImport(Library, EntryPoint = "virDomainDestroyFlags")]
        internal static partial int DomainDestroyFlags(LibvirtDomainHandle domain, uint flags);

        [LibraryImport(Library, EntryPoint = "virDomainResume")]
        internal static partial int DomainResume(LibvirtDomainHandle domain);

        [LibraryImport(Library, EntryPoint = "virDomainPMWakeup")]
        internal static partial int DomainPmWakeup(LibvirtDomainHandle domain, uint flags);

        /// <summary><c>virDomainCreateFlags</c>.</summary>
        [Flags]
        internal enum DomainCreate : uint
        {
            None = 0,

            /// <summary>Its CPUs are held from the start.</summary>
            Paused = 1,

            /// <summary>The guest ends with the connection that made it.</summary>
            AutoDestroy = 2,
        }

        /// <summary><c>virDomainShutdownFlagValues</c>.</summary>
        [Flags]
        internal enum DomainShutdown : uint
        {
            AcpiPowerButton = 1,
        }
    }
}
