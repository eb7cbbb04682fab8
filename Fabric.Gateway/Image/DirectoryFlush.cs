using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fabric.Gateway.Image;

/// <summary>Makes names in a directory durable. .NET opens no directories, so this asks the C library.</summary>
internal static partial class DirectoryFlush
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC

    internal static void Flush(string directory)
    {
        var handle = Open(directory, ReadOnlyDirectory);
        if (handle < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        try
        {
            if (Fsync(handle) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
