using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>
/// libvirt's event loop: one per process, begun before the first connection, since that is what its client library asks for. It carries the
/// keep-alive messages and the announcements that guests changed. It never ends: a background thread that sleeps in poll(2).
/// </summary>
internal static unsafe class LibvirtEvents
{
    /// <summary>Ids stand for listeners in what libvirt hands back, so that an announcement that comes late finds nobody rather than a
    /// pointer into freed memory.</summary>
    private static readonly ConcurrentDictionary<nint, Action<Guid>> Listeners = new();
    private static readonly Lazy<bool> Started = new(Start);
    private static long lastListener;

    /// <summary>Begins the loop, once.</summary>
    public static void EnsureStarted() => _ = Started.Value;

    /// <summary>Asks for announcements of guests that came, went, or changed their state. Returns how to stop it.</summary>
    public static Action Listen(LibvirtConnectionHandle connection, Action<Guid> changed)
    {
        var listener = (nint)Interlocked.Increment(ref lastListener);
        Listeners[listener] = changed;
        var callback = Interop.Libvirt.ConnectDomainEventRegisterAny(
            connection, 0, Interop.Libvirt.LifecycleEvent, &OnLifecycle, listener, 0);
        if (callback < 0)
        {
            Listeners.TryRemove(listener, out _);
            throw LibvirtException.Last("listen for events");
        }
        return () =>
        {
            Listeners.TryRemove(listener, out _);
            // Fails on a connection that broke, which is a way to stop too.
            _ = Interop.Libvirt.ConnectDomainEventDeregisterAny(connection, callback);
        };
    }

    private static bool Start()
    {
        // Without this, libvirt writes every error to stderr as well.
        Interop.Libvirt.SetErrorFunc(0, &OnError);
        if (Interop.Libvirt.EventRegisterDefaultImpl() < 0)
            throw LibvirtException.Last("register the event loop");
        // poll(2) must wake now and then, or what is added from another thread may wait for ever.
        if (Interop.Libvirt.EventAddTimeout(1000, &OnTimeout, 0, 0) < 0)
            throw LibvirtException.Last("add a timeout");
        new Thread(Run) { IsBackground = true, Name = "libvirt events" }.Start();
        return true;
    }

    private static void Run()
    {
        while (true)
        {
            if (Interop.Libvirt.EventRunDefaultImpl() < 0)
                Thread.Sleep(TimeSpan.FromSeconds(1));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLifecycle(nint connection, nint domain, int change, int detail, nint listener)
    {
        Span<byte> uuid = stackalloc byte[Interop.Libvirt.UuidBytes];
        fixed (byte* bytes = uuid)
        {
            if (Interop.Libvirt.DomainGetUuid(domain, bytes) == 0 && Listeners.TryGetValue(listener, out var changed))
                changed(new Guid(uuid, bigEndian: true));
        }
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnError(nint opaque, nint error)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnTimeout(int timer, nint opaque)
    {
    }
}
