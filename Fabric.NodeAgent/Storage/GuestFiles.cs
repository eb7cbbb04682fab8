using System.Text;

namespace Fabric.NodeAgent.Storage;

/// <summary>Where the files of one guest lie: a directory of its own, named by the instance's id.</summary>
internal sealed record GuestFiles(string Directory)
{
    private const int TailBytes = 100 * 1024;
    private const int ConsoleBytesMost = 4 * 1024 * 1024;

    /// <summary>The root disk: what the guest changed of its image.</summary>
    public string RootDisk => Path.Combine(Directory, "disk");

    /// <summary>The ephemeral disk.</summary>
    public string EphemeralDisk => Path.Combine(Directory, "disk.eph0");

    /// <summary>The swap disk.</summary>
    public string SwapDisk => Path.Combine(Directory, "disk.swap");

    /// <summary>The config drive.</summary>
    public string ConfigDrive => Path.Combine(Directory, "disk.config");

    /// <summary>What the guest wrote to its serial port.</summary>
    public string ConsoleLog => Path.Combine(Directory, "console.log");

    /// <summary>The last of the console's log: at most 100 KiB, at most so many lines.</summary>
    public async Task<string> ConsoleTail(int? lines, CancellationToken ct)
    {
        if (lines == 0 || !File.Exists(ConsoleLog))
            return "";
        // The guest's bytes are whatever they are; what is no UTF-8 is shown as such, never refused.
        var text = Encoding.UTF8.GetString(await Tail(ct));
        return lines is { } count ? LastLines(text, count) : text;
    }

    /// <summary>Cuts a log that grew too long down to its tail. QEMU appends, so it goes on writing behind that; a line it writes in this
    /// very moment may be lost, as it would be on a slow serial line.</summary>
    public async Task CapConsole(CancellationToken ct)
    {
        var log = new FileInfo(ConsoleLog);
        if (!log.Exists || log.Length <= ConsoleBytesMost)
            return;
        var tail = await Tail(ct);
        await using (var cut = new FileStream(ConsoleLog, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(0);
        await using var end = new FileStream(ConsoleLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await end.WriteAsync(tail, ct);
    }

    private async Task<byte[]> Tail(CancellationToken ct)
    {
        await using var file = new FileStream(ConsoleLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, TailBytes), SeekOrigin.End);
        var bytes = new byte[TailBytes];
        var read = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        return bytes[..read];
    }

    /// <summary>The last lines of a text as nova cuts them: what follows the last line's end is a line too, if an empty one, and
    /// clients count it.</summary>
    internal static string LastLines(string text, int lines)
    {
        if (lines <= 0)
            return "";
        for (var from = text.Length; from > 0; lines--)
        {
            var end = text.LastIndexOf('\n', from - 1);
            if (lines == 1 || end < 0)
                return text[(end + 1)..];
            from = end;
        }
        return text;
    }
}
