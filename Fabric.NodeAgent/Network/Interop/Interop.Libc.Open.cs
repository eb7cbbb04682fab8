using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fabric.NodeAgent.Network.Interop;

internal static partial class Libc
{
    internal const int OpenReadOnlyCloseOnExec = 0x80000;
    internal const int NoSuchEntry = 2;
    internal const int NoSuchProcess = 3;

    /// <summary>Opens a file; .NET's own way asks for a lock, which a daemon may hold on its pid file as long as it lives.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags);
}
