using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fabric.NodeAgent.Network.Interop;

internal static partial class Libc
{
    internal const int AddressFamilyPacket = 17;
    internal const int SocketDatagram = 2;
    internal const int SocketCloseOnExec = 0x80000;

    /// <summary>Opens a socket; .NET's own class does not know packet sockets' addresses.</summary>
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial SafeFileHandle Socket(int family, int type, int protocol);
}
