using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Kit;
using Npgsql;

namespace Fabric.Tests.Chaos;

/// <summary>A record as it stands in the database.</summary>
internal sealed record ChaosRecord(string Id, string Status, string Doc)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Status} {Doc}";
}

/// <summary>What no client sees: the records in the database, and the guests that the nodes run.</summary>
internal sealed class ChaosLeft(ProcessCluster cluster)
{
    /// <summary>All records of a kind.</summary>
    internal async Task<IReadOnlyList<ChaosRecord>> Records(string kind)
    {
        await using var source = NpgsqlDataSource.Create($"{cluster.Local};Pooling=false");
        await using var read = source.CreateCommand("SELECT id, status, doc::text FROM resource WHERE kind = $1 ORDER BY id");
        read.Parameters.Add(new() { Value = kind });
        List<ChaosRecord> all = [];
        await using var rows = await read.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            all.Add(new(rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        return all;
    }

    /// <summary>From a copy: who opens the journal writes it anew.</summary>
    internal List<string> Guests()
    {
        using var copy = new ScratchFolder();
        File.Copy(Path.Combine(cluster.Node.Data, "sim", "guests.journal"), copy.File("guests.journal"));
        using var journal = new SimulatedJournal(copy.Path);
        return [.. from node in Enumerable.Range(1, cluster.Nodes) from id in journal.Guests($"sim-{node:0000}").Keys select $"{id}"];
    }
}
