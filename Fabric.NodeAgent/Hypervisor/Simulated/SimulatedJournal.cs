using System.Text.Json;
using Fabric.Grains.Kernel;

namespace Fabric.NodeAgent.Hypervisor.Simulated;

/// <summary>
/// Where played guests stand while the process does not run: one file for all nodes of a process, a line per change, written by one call
/// and read back at start. It is not synced to the disk: it must outlive a kill of the process, as guests do, not a crash of the machine,
/// which no guest survives either.
/// </summary>
internal sealed class SimulatedJournal : IDisposable
{
    private readonly Dictionary<string, Dictionary<InstanceId, SimulatedGuest>> found = [];
    private readonly FileStream file;
    private readonly Lock writing = new();

    /// <summary>Opens the journal in a directory, and makes it small again.</summary>
    public SimulatedJournal(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "guests.journal");
        if (File.Exists(path))
        {
            foreach (var line in File.ReadLines(path))
                Replay(line);
        }
        var fresh = path + ".new";
        using (var writer = File.CreateText(fresh))
        {
            foreach (var (node, guests) in found)
            {
                foreach (var guest in guests.Values)
                    writer.WriteLine(JsonSerializer.Serialize(new Line(node, guest.Id, guest)));
            }
        }
        File.Move(fresh, path, overwrite: true);
        file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>The guests that a node had when the process ended last.</summary>
    public IReadOnlyDictionary<InstanceId, SimulatedGuest> Guests(string nodeName) =>
        found.TryGetValue(nodeName, out var guests) ? guests : new Dictionary<InstanceId, SimulatedGuest>();

    /// <summary>A guest is as given from now on.</summary>
    public void Put(string nodeName, SimulatedGuest guest) => Append(new(nodeName, guest.Id, guest));

    /// <summary>A guest is no more.</summary>
    public void Remove(string nodeName, InstanceId id) => Append(new(nodeName, id, null));

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Append(Line line)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(line);
        var bytes = new byte[json.Length + 1];
        json.CopyTo(bytes, 0);
        bytes[^1] = (byte)'\n';
        lock (writing)
            file.Write(bytes);
    }

    private void Replay(string text)
    {
        Line? line;
        try
        {
            line = JsonSerializer.Deserialize<Line>(text);
        }
        catch (JsonException)
        {
            // The last line, cut by a kill in the middle of a write: its verb was never answered.
            return;
        }
        if (line is null)
            return;
        if (!found.TryGetValue(line.Node, out var guests))
            found[line.Node] = guests = [];
        if (line.Guest is null)
            guests.Remove(line.Id);
        else
            guests[line.Id] = line.Guest;
    }

    private sealed record Line(string Node, InstanceId Id, SimulatedGuest? Guest);
}
