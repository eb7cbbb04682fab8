namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>What tells the guests of one data directory from those of another on the same libvirtd: an id made once, in a file.</summary>
internal static class DataDirId
{
    /// <summary>The id of the node that keeps its files there.</summary>
    public static string Of(string directory)
    {
        var path = Path.Combine(directory, "id");
        if (!File.Exists(path))
        {
            var unfinished = path + ".part";
            File.WriteAllText(unfinished, Guid.NewGuid().ToString("N") + "\n");
            File.Move(unfinished, path, overwrite: true);
        }
        return File.ReadAllText(path).Trim();
    }
}
