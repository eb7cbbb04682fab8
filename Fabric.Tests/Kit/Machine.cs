using System.Runtime.CompilerServices;

namespace Fabric.Tests.Kit;

/// <summary>What the machine that runs the tests can do. A test of the real thing is skipped, with the reason, where it cannot run; where
/// the machine is said to be able (<c>FABRIC_TEST_REAL=1</c>, set by <c>./fabric test</c> as root after it installed the packages), what
/// is missing is a failure.</summary>
internal static class Machine
{
    /// <summary>The top of the repository, found from this file's own place.</summary>
    internal static string Repository { get; } = Path.GetFullPath(Path.Combine(ThisFolder(), "..", ".."));

    private static string[] NetworkPrograms { get; } = ["ip", "nft", "dnsmasq", "busybox", "conntrack", "ping", "radvd"];

    /// <summary>Real guests: root, libvirt, QEMU.</summary>
    internal static void NeedsLibvirt()
    {
        NeedsRoot();
        Needs("libvirtd", "virsh", "qemu-system-x86_64", "qemu-img");
    }

    /// <summary>Network namespaces, bridges, firewall rules, and guests that are namespaces.</summary>
    internal static void NeedsNetworking()
    {
        NeedsRoot();
        Needs(NetworkPrograms);
    }

    /// <summary>What <see cref="NeedsNetworking"/> asks for, told without skipping or failing.</summary>
    internal static bool HasNetworking => IsRoot && NetworkPrograms.All(program => Find(program) is not null);

    /// <summary>A PostgreSQL 15 to start as one's own.</summary>
    internal static void NeedsPostgres() =>
        Require(File.Exists("/usr/lib/postgresql/15/bin/initdb"), "PostgreSQL 15 is not installed");

    /// <summary>Programs on the path, or where an administrator's are.</summary>
    internal static void Needs(params ReadOnlySpan<string> programs)
    {
        foreach (var program in programs)
            Require(Find(program) is not null, $"the program {program} is not installed");
    }

    /// <summary>A module of a Python interpreter.</summary>
    internal static void NeedsPythonModule(string interpreter, string module)
    {
        Require(File.Exists(interpreter), $"there is no {interpreter}");
        using var process = System.Diagnostics.Process.Start(interpreter, ["-c", "import importlib.util, sys; "
            + $"sys.exit(importlib.util.find_spec('{module}') is None)"]);
        process.WaitForExit();
        Require(process.ExitCode == 0, $"{interpreter} has no module {module}");
    }

    /// <summary>What this machine lacks, root or programs, for something without which a test still says much; null when it lacks nothing.
    /// Fails where the machine is said to be able.</summary>
    internal static string? Lacks(params ReadOnlySpan<string> programs)
    {
        var lacks = IsRoot ? null : "root";
        foreach (var program in programs)
            lacks ??= Find(program) is null ? program : null;
        return MustHave(lacks);
    }

    /// <summary>The same for what was looked for elsewhere.</summary>
    internal static string? MustHave(string? lacks)
    {
        Assert.False(lacks is not null && IsSaidToBeAble, $"This machine is said to be able, but lacks {lacks}.");
        return lacks;
    }

    internal static void NeedsRoot() => Require(IsRoot, "this needs root");

    private static bool IsSaidToBeAble => Environment.GetEnvironmentVariable("FABRIC_TEST_REAL") == "1";

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    private static void Require(bool given, string reason)
    {
        if (given)
            return;
        Assert.False(IsSaidToBeAble, $"This machine is said to be able, but {reason}.");
        Skip.If(true, reason);
    }

    private static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string ThisFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
