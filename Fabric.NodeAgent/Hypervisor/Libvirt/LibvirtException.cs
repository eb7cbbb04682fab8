using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>libvirt said no. Seldom the caller's fault, so the same call may work later.</summary>
internal sealed class LibvirtException(Interop.Libvirt.ErrorNumber number, string message) : Exception(message)
{
    /// <summary>libvirt's number of the error.</summary>
    public Interop.Libvirt.ErrorNumber Number { get; } = number;

    /// <summary>What the last call on this thread left behind. To be asked at once: the next call overwrites it.</summary>
    public static LibvirtException Last(string call)
    {
        var pointer = Interop.Libvirt.GetLastError();
        if (pointer == 0)
            return new(Interop.Libvirt.ErrorNumber.None, $"libvirt: {call} failed and did not say why.");
        var error = Marshal.PtrToStructure<Interop.Libvirt.Error>(pointer);
        return new((Interop.Libvirt.ErrorNumber)error.Code, $"libvirt: {call}: {Marshal.PtrToStringUTF8(error.Message)}");
    }
}
