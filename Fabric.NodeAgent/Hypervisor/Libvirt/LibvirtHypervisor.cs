using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Agent;
using Fabric.NodeAgent.Storage;
using static Fabric.NodeAgent.Hypervisor.Interop.Libvirt;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>
/// Guests by libvirt and QEMU. Holds no truth: what it knows of a guest stands in the guest's own definition, as a mark. A definition is
/// written anew only when it would differ, a running guest is never restarted for it, and what is not marked as this data directory's is
/// never touched.
/// </summary>
internal sealed class LibvirtHypervisor : IHypervisorDriver, IAsyncDisposable
{
    private readonly LibvirtSession session;
    private readonly GuestDisks disks;
    private readonly GuestPower power;
    private readonly AccelerationProbe acceleration;
    private readonly HostInventory inventory;
    private readonly TimeProvider time;
    private readonly string dataDirId;

    /// <summary>Makes the driver; connects at the first verb.</summary>
    public LibvirtHypervisor(
        NodeAgentOptions options, string nodeName, IImageSource images, TimeProvider time, ILogger<LibvirtHypervisor> logger)
    {
        this.time = time;
        var directory = Path.Combine(Path.GetFullPath(options.DataDir), "nodes", nodeName);
        Directory.CreateDirectory(directory);
        dataDirId = DataDirId.Of(directory);
        disks = GuestDisks.Under(directory, images);
        session = new(options.LibvirtUri);
        session.Changed += uuid => GuestChanged?.Invoke(new(uuid));
        power = new(session, options.ShutdownTimeout, time);
        acceleration = new(session, directory, time, logger);
        inventory = new(nodeName, options.HostIp, directory, session, acceleration);
    }

    /// <inheritdoc/>
    public event Action<InstanceId>? GuestChanged;

    /// <inheritdoc/>
    public Task<NodeInventory> Probe(CancellationToken ct) => inventory.Measure(ct);

    /// <inheritdoc/>
    public Task Ensure(DesiredInstance instance, CancellationToken ct) => Undos.Run(async undos =>
    {
        var (mark, wasSaved) = await Define(instance, undos, ct);
        await power.Ensure(instance.Id, instance.Power, ct);

        // Memory that was kept brings its mark of then along.
        if (wasSaved && instance.Power is (DesiredPower.Running or DesiredPower.Paused))
            await session.Run(open => SetMark(open, instance.Id, mark), ct);
    });

    /// <inheritdoc/>
    public Task Reboot(DesiredInstance instance, RebootKind kind, CancellationToken ct) => Undos.Run(async undos =>
    {
        var (mark, _) = await Define(instance, undos, ct);
        if (mark.RebootedFor < instance.Generation)
        {
            // Noted first: at most once is the promise, and a guest that was not restarted is a smaller harm than one restarted twice.
            await session.Run(open => SetMark(open, instance.Id, mark with { RebootedFor = instance.Generation }), ct);
            await power.End(instance.Id, graceful: kind == RebootKind.Soft, ct);
            await power.DropSave(instance.Id, ct);
        }
        await power.Ensure(instance.Id, DesiredPower.Running, ct);
    });

    /// <inheritdoc/>
    public async Task EnsureAbsent(InstanceId id, CancellationToken ct)
    {
        await session.Run(
            open =>
            {
                using var domain = open.Find(id.Value);
                if (domain is not null && IsOurs(domain.Mark))
                    Forget(domain);
            },
            ct);
        disks.EnsureAbsent(id);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ObservedGuest>> Observe(CancellationToken ct)
    {
        var guests = await session.Run(Ours, ct);
        foreach (var guest in guests)
            await disks.Files(guest.Instance.Id).CapConsole(ct);
        return guests;
    }

    /// <inheritdoc/>
    public async Task<string> ConsoleOutput(InstanceId id, int? lines, CancellationToken ct)
    {
        var files = disks.Files(id);
        return Directory.Exists(files.Directory)
            ? await files.ConsoleTail(lines, ct)
            : throw Fault.NotFound("InstanceNotFound", $"Instance {id} could not be found.");
    }

    /// <inheritdoc/>
    public async Task Cleanup(CancellationToken ct)
    {
        var ours = await session.Run(Ours, ct);
        await Parallel.ForEachAsync(ours, ct, async (guest, token) =>
        {
            await power.End(guest.Instance.Id, graceful: true, token);
            await session.Run(
                open =>
                {
                    using var domain = open.Find(guest.Instance.Id.Value);
                    domain?.Undefine();
                },
                token);
        });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        acceleration.Dispose();
        session.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Disks and definition as wanted; the guest's power is left alone.</summary>
    private async Task<(GuestMark Mark, bool WasSaved)> Define(DesiredInstance instance, Undos undos, CancellationToken ct)
    {
        var virtType = await acceleration.VirtType(ct);
        var existing = await session.Run(open => Find(open, instance.Id), ct);
        var files = await disks.Ensure(instance, undos, ct);
        var definition = DomainXml.Render(instance, files, virtType);
        // Memory that was kept knows the drive as it was.
        if (existing is not ({ IsActive: true } or { IsSaved: true }))
            await disks.WriteConfigDrive(instance, ct);
        var mark = (existing?.Mark ?? new()
        {
            DataDirId = dataDirId,
            Generation = 0,
            DefinedAt = time.GetUtcNow(),
            Shape = "",
        }) with
        {
            Generation = instance.Generation,
            Shape = definition.Shape,
        };
        if (mark == existing?.Mark)
            return (mark, existing.IsSaved);
        if (existing is null)
            undos.Add(() => session.Run(open => Forget(open, instance.Id), CancellationToken.None));
        await session.Run(open => Write(open, instance.Id, existing, definition, mark), ct);
        return (mark, existing is { IsSaved: true });
    }

    private static void Write(LibvirtConnection open, InstanceId id, Existing? existing, DomainXml definition, GuestMark mark)
    {
        if (mark.Shape != existing?.Mark.Shape)
            open.Define(definition.With(mark)).Dispose();
        if (existing is not null)
            SetMark(open, id, mark);
    }

    private static void SetMark(LibvirtConnection open, InstanceId id, GuestMark mark)
    {
        using var domain = open.Find(id.Value) ?? throw new InvalidOperationException($"The libvirt domain of instance {id} went away.");
        domain.SetMark(mark);
    }

    private Existing? Find(LibvirtConnection open, InstanceId id)
    {
        using var domain = open.Find(id.Value);
        if (domain is null)
            return null;
        var mark = domain.Mark;
        return mark is not null && IsOurs(mark)
            ? new(mark, domain.IsActive, domain.IsSaved)
            : throw Fault.Conflict(
                "InstanceExists", $"A libvirt domain with the id {id} exists already and does not belong to this cloud.");
    }

    private List<ObservedGuest> Ours(LibvirtConnection open)
    {
        var guests = new List<ObservedGuest>();
        foreach (var domain in open.List())
        {
            using (domain)
            {
                try
                {
                    if (domain.Mark is { } mark && IsOurs(mark))
                        guests.Add(new(new(new(domain.Uuid), GuestPower.Of(domain.State), mark.Generation), mark.DefinedAt));
                }
                catch (LibvirtException gone) when (gone.Number == ErrorNumber.NoDomain)
                {
                    // It went away between the list and the question.
                }
            }
        }
        return guests;
    }

    private bool IsOurs(GuestMark? mark) => mark?.DataDirId == dataDirId;

    private static void Forget(LibvirtConnection open, InstanceId id)
    {
        using var domain = open.Find(id.Value);
        if (domain is not null)
            Forget(domain);
    }

    private static void Forget(LibvirtDomain domain)
    {
        domain.PullPlug();
        domain.Undefine();
    }

    /// <summary>A guest that is defined.</summary>
    private sealed record Existing(GuestMark Mark, bool IsActive, bool IsSaved);
}
