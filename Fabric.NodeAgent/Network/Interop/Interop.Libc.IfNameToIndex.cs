using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Network.Interop;

internal static partial class Libc
{
    /// <summary>A device's number in the calling thread's namespace; 0 when there is none of that name.</summary>
    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint IfNameToIndex(string name);
}
