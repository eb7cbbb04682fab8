using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>An open connection to libvirtd. Its calls block; whoever has a thread to spare makes them, see
/// <see cref="LibvirtSession"/>.</summary>
internal sealed class LibvirtConnection : IDisposable
{
    /// <summary>A libvirtd that says nothing for a quarter of a minute is taken for dead, and calls that wait for it fail.</summary>
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveCount = 3;

    private readonly LibvirtConnectionHandle handle;
    private readonly Action stopListening;

    private LibvirtConnection(LibvirtConnectionHandle handle, Action<Guid> changed)
    {
        this.handle = handle;
        stopListening = LibvirtEvents.Listen(handle, changed);
    }

    /// <summary>Whether the other end is there, as far as is known.</summary>
    public bool IsAlive => Interop.Libvirt.ConnectIsAlive(handle) == 1;

    /// <summary>Connects.</summary>
    /// <param name="changed">Told of each guest that came, went or changed, on libvirt's own thread.</param>
    public static LibvirtConnection Open(string uri, Action<Guid> changed)
    {
        LibvirtEvents.EnsureStarted();
        var handle = Interop.Libvirt.ConnectOpen(uri);
        if (handle.IsInvalid)
            throw LibvirtException.Last("connect to " + uri);
        if (Interop.Libvirt.ConnectSetKeepAlive(handle, KeepAliveSeconds, KeepAliveCount) < 0)
            throw LibvirtException.Last("set keep-alive");
        return new(handle, changed);
    }

    /// <summary>The version of QEMU as libvirt's number.</summary>
    public int HypervisorVersion()
    {
        if (Interop.Libvirt.ConnectGetVersion(handle, out var version) < 0)
            throw LibvirtException.Last("get the version");
        return (int)version.Value;
    }

    /// <summary>What the machine is, as XML.</summary>
    public string Capabilities() => Take(Interop.Libvirt.ConnectGetCapabilities(handle), "get capabilities");

    /// <summary>What a guest of a type can have, as XML.</summary>
    public string DomainCapabilities(string architecture, string machine, string virtType) =>
        Take(Interop.Libvirt.ConnectGetDomainCapabilities(handle, null, architecture, machine, virtType, 0), "get domain capabilities");

    /// <summary>Processors and memory of the machine.</summary>
    public (int Cpus, int MemoryMiB) NodeInfo()
    {
        if (Interop.Libvirt.NodeGetInfo(handle, out var info) < 0)
            throw LibvirtException.Last("get node info");
        return ((int)info.Cpus, (int)(info.MemoryKiB.Value / 1024));
    }

    /// <summary>The libvirt domain of that UUID; null when there is none.</summary>
    public LibvirtDomain? Find(Guid uuid)
    {
        var domain = Interop.Libvirt.DomainLookupByUuidString(handle, uuid.ToString());
        if (!domain.IsInvalid)
            return new(domain);
        var error = LibvirtException.Last("look up a domain");
        return error.Number == Interop.Libvirt.ErrorNumber.NoDomain ? null : throw error;
    }

    /// <summary>All libvirt domains, ours and others.</summary>
    public unsafe List<LibvirtDomain> List()
    {
        nint* pointers;
        var count = Interop.Libvirt.ConnectListAllDomains(handle, &pointers, 0);
        if (count < 0)
            throw LibvirtException.Last("list domains");
        var domains = new List<LibvirtDomain>(count);
        for (var i = 0; i < count; i++)
            domains.Add(new(new LibvirtDomainHandle(pointers[i])));
        NativeMemory.Free(pointers);
        return domains;
    }

    /// <summary>Makes or changes a persistent definition. One that runs goes on as it is until it is started anew.</summary>
    public LibvirtDomain Define(string xml)
    {
        var domain = Interop.Libvirt.DomainDefineXmlFlags(handle, xml, 0);
        return domain.IsInvalid ? throw LibvirtException.Last("define a domain") : new(domain);
    }

    /// <summary>Starts a guest that has no definition and ends with this connection.</summary>
    public LibvirtDomain StartTransient(string xml)
    {
        var domain = Interop.Libvirt.DomainCreateXml(handle, xml, Interop.Libvirt.DomainCreate.AutoDestroy);
        return domain.IsInvalid ? throw LibvirtException.Last("start a transient domain") : new(domain);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopListening();
        handle.Dispose();
    }

    /// <summary>Takes over a text that libvirt allocated.</summary>
    internal static unsafe string Take(nint text, string call)
    {
        if (text == 0)
            throw LibvirtException.Last(call);
        var result = Marshal.PtrToStringUTF8(text)!;
        NativeMemory.Free((void*)text);
        return result;
    }
}
