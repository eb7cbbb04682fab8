using Fabric.Tests.Kit;

namespace Fabric.Tests.Real;

public sealed class PrivateLibvirtTests
{
    // Nothing to boot from: the firmware stops and waits, which is guest enough here.
    private const string EmptyGuest = """
        <domain type='qemu'>
          <name>empty</name>
          <memory unit='MiB'>32</memory>
          <os><type arch='x86_64' machine='pc'>hvm</type></os>
        </domain>
        """;

    [SkippableFact]
    public async Task A_guest_outlasts_a_kill_of_libvirtd_and_is_found_again()
    {
        await using var libvirt = await PrivateLibvirt.Start();
        await CreateGuest(libvirt);
        var pid = await GuestPid(libvirt);

        await libvirt.Kill();
        Assert.Equal(libvirt.Uri, (await libvirt.Script("start")).Succeeded());

        Assert.Equal("running", (await libvirt.Virsh("domstate", "empty")).Succeeded().Trim());
        Assert.Equal(pid, await GuestPid(libvirt));
    }

    [SkippableFact]
    public async Task Two_data_directories_do_not_see_each_others_guests()
    {
        await using var one = await PrivateLibvirt.Start();
        await using var other = await PrivateLibvirt.Start();
        await CreateGuest(one);
        await CreateGuest(other);
        (await other.Virsh("destroy", "empty")).Succeeded();
        Assert.Equal("running", (await one.Virsh("domstate", "empty")).Succeeded().Trim());
    }

    [SkippableFact]
    public async Task Purge_leaves_no_process_of_the_data_directory_even_when_libvirtd_is_dead()
    {
        await using var libvirt = await PrivateLibvirt.Start();
        await CreateGuest(libvirt);
        var pid = await GuestPid(libvirt);

        await libvirt.Kill();
        (await libvirt.Script("purge")).Succeeded();

        // What its parent did not reap yet has no command line.
        Assert.True(!File.Exists($"/proc/{pid}/cmdline") || (await File.ReadAllTextAsync($"/proc/{pid}/cmdline")).Length == 0);
        Assert.NotEqual(0, (await libvirt.Script("status")).ExitCode);
    }

    private static async Task CreateGuest(PrivateLibvirt libvirt)
    {
        var file = Path.Combine(libvirt.Data, "empty.xml");
        await File.WriteAllTextAsync(file, EmptyGuest);
        (await libvirt.Virsh("create", file)).Succeeded();
    }

    private static async Task<string> GuestPid(PrivateLibvirt libvirt) =>
        (await File.ReadAllTextAsync(Path.Combine(libvirt.Data, "libvirt", "run", "qemu", "empty.pid"))).Trim();
}
