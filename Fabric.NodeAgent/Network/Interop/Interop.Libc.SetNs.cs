using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fabric.NodeAgent.Network.Interop;

internal static partial class Libc
{
    /// <summary>The kind of namespace that <see cref="SetNs"/> expects.</summary>
    internal const int CloneNewNet = 0x40000000;

    /// <summary>Moves the calling thread, and it alone, into a namespace.</summary>
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNs(SafeFileHandle ns, int kind);
}
