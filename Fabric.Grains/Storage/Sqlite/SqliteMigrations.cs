using System.Globalization;
using System.Reflection;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// Numbered changes of the schema, embedded as <c>Migrations/NNNN-what.sql</c>: each runs once, in order, all in one exclusive
/// transaction, so that a second process waits and then finds nothing to do, and a crash half-way leaves the old schema. A migration that
/// was released never changes.
/// </summary>
internal static class SqliteMigrations
{
    private const string Folder = ".Storage.Sqlite.Migrations.";

    /// <summary>Brings the schema up to date. A database from a newer Fabric is refused: this one would not know what it breaks.</summary>
    public static void Run(SqliteSession session)
    {
        session.Execute("BEGIN EXCLUSIVE");
        try
        {
            session.Execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT");
            var done = Last(session);
            var all = All();
            if (done > all.Count)
                throw new InvalidOperationException($"The database has schema {done}; this program knows {all.Count}. Run a newer Fabric.");
            foreach (var (number, name, sql) in all.Skip(done))
            {
                session.Execute(sql);
                using var log = session.Statement("INSERT INTO migration (number, name) VALUES (?1, ?2)");
                log.Bind(1, number).Bind(2, name).Run();
            }

            session.Execute("COMMIT");
        }
        finally
        {
            session.Rollback();
        }
    }

    private static int Last(SqliteSession session)
    {
        using var last = session.Statement("SELECT coalesce(max(number), 0) FROM migration");
        return last.Step() ? (int)last.Int64(0) : 0;
    }

    private static List<(int Number, string Name, string Sql)> All()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var found = assembly.GetManifestResourceNames().Where(static name => name.Contains(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(resource => Load(assembly, resource)).ToList();
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].Number != i + 1)
                throw new InvalidOperationException($"Migration {i + 1} is missing.");
        }

        return found;
    }

    private static (int Number, string Name, string Sql) Load(Assembly assembly, string resource)
    {
        var name = Path.GetFileNameWithoutExtension(resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..]);
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return (int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name[5..], reader.ReadToEnd());
    }
}
