using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor;

internal static partial class Interop
{
    internal static partial class Libvirt
    {
        /// <summary>The error of the last call on this thread: a pointer to a <see cref="Error"/>, or null.</summary>
        [LibraryImport(Library, EntryPoint = "virGetLastError")]
        internal static partial nint GetLastError();

        [LibraryImport(Library, EntryPoint = "virSetErrorFunc")]
        internal static unsafe partial void SetErrorFunc(nint opaque, delegate* unmanaged[Cdecl]<nint, nint, void> callback);

        /// <summary>The beginning of <c>virError</c>.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct Error
        {
            internal int Code;
            internal int Domain;
            internal nint Message;
        }

        /// <summary>The <c>virErrorNumber</c>s that mean something to us.</summary>
        internal enum ErrorNumber
        {
            None = 0,
            NoDomain = 42,
            OperationInvalid = 55,
            NoDomainMetadata = 80,
        }
    }
}
