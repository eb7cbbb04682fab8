using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Network.Interop;

internal static partial class Libc
{
    internal const int SignalHangup = 1;
    internal const int SignalTerminate = 15;
    internal const int SignalKill = 9;

    /// <summary>Sends a signal to a process.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int process, int signal);
}
