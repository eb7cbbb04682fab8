using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fabric.NodeAgent.Network.Interop;

internal static partial class Libc
{
    /// <summary>Sends a datagram.</summary>
    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint SendTo(
        SafeFileHandle socket, ReadOnlySpan<byte> data, nint length, int flags, ReadOnlySpan<byte> to, int toLength);
}
