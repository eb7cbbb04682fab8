using System.Globalization;
using System.Reflection;

namespace Fabric.Grains.Storage;

/// <summary>
/// One numbered change of a schema, embedded as <c>Migrations/NNNN-what.sql</c> beside the backend it is for. Each runs once, in order; one
/// that was released never changes.
/// </summary>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>All of a backend, in order.</summary>
    /// <param name="backend">The folder's name.</param>
    public static IReadOnlyList<Migration> All(string backend)
    {
        var folder = $".Storage.{backend}.Migrations.";
        var assembly = Assembly.GetExecutingAssembly();
        var found = assembly.GetManifestResourceNames().Where(name => name.Contains(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(resource => Load(assembly, resource, folder)).ToList();
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].Number != i + 1)
                throw new InvalidOperationException($"Migration {i + 1} is missing.");
        }

        return found;
    }

    /// <summary>Those that a database lacks. A database from a newer Fabric is refused: this one would not know what it breaks.</summary>
    /// <param name="all">All that this program knows.</param>
    /// <param name="done">How many the database has.</param>
    public static IEnumerable<Migration> Missing(IReadOnlyList<Migration> all, int done) => done <= all.Count
        ? all.Skip(done)
        : throw new InvalidOperationException($"The database has schema {done}; this program knows {all.Count}. Run a newer Fabric.");

    private static Migration Load(Assembly assembly, string resource, string folder)
    {
        var name = Path.GetFileNameWithoutExtension(resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..]);
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name[5..], reader.ReadToEnd());
    }
}
