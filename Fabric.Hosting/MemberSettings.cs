using System.CommandLine;

namespace Fabric.Hosting;

/// <summary>The options by which a program becomes a member of a cluster.</summary>
public sealed class MemberSettings
{
    private const int KeyBytes = 32;

    private readonly Option<string> name = Settings.Text("--name", "What people call this process.", Environment.MachineName);
    private readonly Option<string> connection = Settings.Text("--db-connection",
        "The PostgreSQL database in which the cluster meets, in Npgsql's form; by the environment when it holds a password.", "");
    private readonly Option<string> advertise = Settings.Text("--advertise",
        "Address by which other members reach it; auto: the one of the default route.", "127.0.0.1");
    private readonly Option<int> siloPort = Settings.Number(
        "--silo-port", "Port on which it hears the other members of its cluster; 0: it has none.", 0, 0, 65535);
    private readonly Option<string> shared = Settings.Text("--shared",
        "Directory of what all members must have alike: keys, first passwords, the cluster's secret, images. Default: the data directory.",
        "");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [name, connection, advertise, siloPort, shared];

    /// <summary>The directory of what all members must have alike.</summary>
    public string SharedDirectory(ParseResult parsed, string dataDirectory) =>
        parsed.OrNull(shared) is { } directory ? Path.GetFullPath(directory) : dataDirectory;

    /// <summary>The database; null when none was named.</summary>
    public string? DbConnection(ParseResult parsed) => parsed.OrNull(connection);

    /// <summary>The member; null when it was given no port for one, and the process is alone.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="roles">What it is there for.</param>
    /// <param name="dataDirectory">The process's own directory.</param>
    /// <param name="tags">What else the others may know.</param>
    public ClusterMember? Member(
        ParseResult parsed, IReadOnlyList<string> roles, string dataDirectory, IReadOnlyDictionary<string, string> tags)
    {
        if (parsed.GetValue(siloPort) is 0)
            return null;
        var database = DbConnection(parsed)
            ?? throw new StartRefusedException("a cluster meets in a PostgreSQL database: FABRIC_DB_CONNECTION, or --db-connection");
        var directory = SharedDirectory(parsed, dataDirectory);
        DataDirectory.Make(directory);
        return new()
        {
            Name = parsed.Of(name),
            Roles = roles,
            DbConnection = database,
            Key = Convert.FromHexString(SecretFile.ReadOrCreate(Path.Combine(directory, "cluster-key"), KeyBytes)),
            Address = ListenAddress.ToAdvertise(parsed.Of(advertise)),
            SiloPort = parsed.GetValue(siloPort),
            Tags = tags,
        };
    }

    /// <summary>Which roles a text like <c>control,gateway</c> names.</summary>
    public static IReadOnlyList<string> Roles(string text)
    {
        string[] roles = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        string[] known = [ClusterMember.Control, ClusterMember.Gateway, ClusterMember.Node];
        return roles.Length > 0 && roles.All(known.Contains)
            ? roles
            : throw new StartRefusedException($"'{text}' is not a list of {string.Join(", ", known)}");
    }
}
