namespace Fabric.NodeAgent.Network;

/// <summary>
/// Settings of the host's kernel (below <c>/proc/sys/net</c>) that guests' networks need and that belong to the whole host. What was there
/// before is noted on disk before anything is written, so that <see cref="PutBack"/> knows it after any number of restarts; a setting
/// that was right already is never noted, and so never touched.
/// </summary>
/// <param name="path">The file of the notes: a line for each setting with its key, the value before, and ours.</param>
/// <param name="ns">The host's namespace; null for the process's own.</param>
internal sealed class HostSettings(string path, string? ns)
{
    /// <summary>The settings have these values.</summary>
    internal Task<bool> Ensure(IReadOnlyList<(string Key, string Value)> settings) => NetworkNamespace.Run(ns, () =>
    {
        var wrong = settings.Where(setting => Read(setting.Key) is { } now && now != setting.Value).ToList();
        var notes = wrong.Count > 0 ? Notes() : [];

        // A note that is there already has the value from before us; what is found now may be somebody's attempt to undo ours.
        var fresh = wrong.Where(setting => !notes.Exists(note => note.Key == setting.Key))
            .Select(setting => (setting.Key, Read(setting.Key)!, setting.Value)).ToList();
        if (fresh.Count > 0)
            Write([.. notes, .. fresh]);

        foreach (var (key, value) in wrong)
            File.WriteAllText(PathOf(key), value);

        return true;
    });

    /// <summary>Gives the settings that were changed their old values, unless somebody else has changed them since.</summary>
    internal Task<bool> PutBack() => NetworkNamespace.Run(ns, () =>
    {
        foreach (var (key, before, ours) in Notes())
            if (Read(key) == ours)
                File.WriteAllText(PathOf(key), before);

        if (File.Exists(path))
            File.Delete(path);

        return true;
    });

    private static string PathOf(string key) => "/proc/sys/net/" + key;

    private static string? Read(string key) => File.Exists(PathOf(key)) ? File.ReadAllText(PathOf(key)).Trim() : null;

    private List<(string Key, string Before, string Ours)> Notes() => File.Exists(path)
        ? [.. File.ReadAllLines(path).Select(line => line.Split(' ')).Where(words => words.Length == 3)
            .Select(words => (words[0], words[1], words[2]))]
        : [];

    private void Write(List<(string Key, string Before, string Ours)> notes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = path + ".new";
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(notes.Select(note => $"{note.Key} {note.Before} {note.Ours}\n"))));
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
