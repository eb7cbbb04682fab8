namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>Finds out whether guests of this machine run on the processor itself or are emulated, by starting one of each kind. The answer
/// holds until the machine boots anew and is kept in a file, since guests must keep their kind when only the agent restarts.</summary>
internal sealed partial class AccelerationProbe(LibvirtSession session, string directory, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceWithEmulation = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim probing = new(1, 1);
    private string? found;
    private string reason = "";

    /// <summary><c>kvm</c> or <c>qemu</c>.</summary>
    public async Task<string> VirtType(CancellationToken ct)
    {
        if (found is not null)
            return found;
        await probing.WaitAsync(ct);
        try
        {
            return found ??= await Known(ct) ?? await Probe(ct);
        }
        finally
        {
            probing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => probing.Dispose();

    private string Answer => Path.Combine(directory, "acceleration");

    private static async Task<string> BootId(CancellationToken ct) =>
        (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", ct)).Trim();

    private async Task<string?> Known(CancellationToken ct)
    {
        if (!File.Exists(Answer))
            return null;
        var lines = await File.ReadAllLinesAsync(Answer, ct);
        return lines is [var boot, "kvm" or "qemu"] && boot == await BootId(ct) ? lines[1] : null;
    }

    private async Task<string> Probe(CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        var virtType = File.Exists("/dev/kvm") && await Runs("kvm", Patience, ct) ? "kvm"
            : await Runs("qemu", PatienceWithEmulation, ct) ? "qemu"
            : throw new InvalidOperationException($"No guest runs on this machine, neither on the processor nor emulated: {reason}");
        var unfinished = Answer + ".part";
        await File.WriteAllLinesAsync(unfinished, [await BootId(ct), virtType], ct);
        File.Move(unfinished, Answer, overwrite: true);
        LogFound(virtType);
        return virtType;
    }

    private async Task<bool> Runs(string virtType, TimeSpan patience, CancellationToken ct)
    {
        var id = Guid.NewGuid();
        var disk = Path.Combine(directory, $"probe-{id:N}.img");
        var console = Path.Combine(directory, $"probe-{id:N}.log");
        LibvirtDomain? guest = null;
        try
        {
            await File.WriteAllBytesAsync(disk, ProbeGuest.Disk(), ct);
            guest = await session.Run(open => open.StartTransient(ProbeGuest.Xml(id, virtType, disk, console)), ct);
            var begun = time.GetTimestamp();
            while (time.GetElapsedTime(begun) < patience)
            {
                if (File.Exists(console) && (await File.ReadAllTextAsync(console, ct)).Contains(ProbeGuest.Word, StringComparison.Ordinal))
                    return true;
                // An accelerator that gives up pauses the guest at once; no need to wait for it to speak.
                if (await session.Run(_ => guest.State != Interop.Libvirt.DomainState.Running, ct))
                    break;
                await Task.Delay(Glance, time, ct);
            }
            LogSilent(virtType);
            reason = "it said nothing.";
            return false;
        }
        catch (LibvirtException refused)
        {
            LogRefused(virtType, refused.Message);
            reason = refused.Message;
            return false;
        }
        finally
        {
            if (guest is not null)
                await session.Run(_ => End(guest), CancellationToken.None);
            File.Delete(disk);
            File.Delete(console);
        }
    }

    /// <summary>Transient: when it does not run, there is none.</summary>
    private static void End(LibvirtDomain guest)
    {
        using (guest)
        {
            try
            {
                guest.PullPlug();
            }
            catch (LibvirtException gone) when (gone.Number == Interop.Libvirt.ErrorNumber.NoDomain)
            {
                // It died by itself.
            }
        }
    }

    [LoggerMessage(40, LogLevel.Information, "Guests of this machine run with {VirtType}")]
    private partial void LogFound(string virtType);

    [LoggerMessage(41, LogLevel.Warning, "A guest with {VirtType} did not come up")]
    private partial void LogSilent(string virtType);

    [LoggerMessage(42, LogLevel.Warning, "A guest with {VirtType} could not be started: {Reason}")]
    private partial void LogRefused(string virtType, string reason);
}
