using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Policy;

/// <summary>Where operators' rules are.</summary>
public sealed class PolicyOptions
{
    /// <summary>The directory of <c>nova_policy.yaml</c> and the like; empty: there are none.</summary>
    public string Directory { get; set; } = "";

    /// <summary>How often it is looked at for changes.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Lays operators' files over the documented rules, at the start and whenever a file changes; each gateway looks for itself. A file that
/// cannot be read changes nothing while the process runs. At the start there is nothing to keep to, and the documented rules may let in
/// whom the operator wants out: so then it is not started. Files are looked at rather than watched, which a network file system does not
/// tell about.
/// </summary>
internal sealed class PolicyFiles(PolicyBooks books, IOptions<PolicyOptions> options, TimeProvider time, ILogger<PolicyFiles> logger)
    : BackgroundService
{
    private const string OptionsName = "oslo_policy.yaml";

    private readonly Dictionary<PolicyBook, string> loaded = [];

    /// <summary>What an operator decided about a service.</summary>
    /// <exception cref="PolicyFileException">A file cannot be used.</exception>
    internal static PolicyChoices Read(string directory, PolicyDefaults defaults)
    {
        if (directory.Length == 0)
            return PolicyChoices.None;
        var (newDefaults, scope) = PolicyFile.Options(Path.Combine(directory, OptionsName), defaults.Service);
        return new()
        {
            Rules = PolicyFile.Rules(PathOf(directory, defaults)),
            EnforceNewDefaults = newDefaults,
            EnforceScope = scope,
        };
    }

    /// <summary>The file of a service's rules.</summary>
    internal static string PathOf(string directory, PolicyDefaults defaults) =>
        Path.Combine(directory, defaults.Service + "_policy.yaml");

    /// <summary>Loads every file, before the first request.</summary>
    /// <exception cref="PolicyFileException">One cannot be used.</exception>
    internal void Load()
    {
        foreach (var book in books.All)
        {
            // What it is is noted first: a file that changes while it is read is read again.
            loaded[book] = Mark(book);
            Lay(book, Read(options.Value.Directory, book.Defaults));
        }
    }

    /// <summary>Loads those files that changed.</summary>
    internal void Reload()
    {
        foreach (var book in books.All)
        {
            var mark = Mark(book);
            if (loaded.GetValueOrDefault(book) == mark)
                continue;
            loaded[book] = mark;
            try
            {
                Lay(book, Read(options.Value.Directory, book.Defaults));
                logger.Reloaded(book.Defaults.Service);
            }
            catch (PolicyFileException error)
            {
                logger.Unusable(book.Defaults.Service, error.Message);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Directory.Length == 0)
            return;
        using var timer = new PeriodicTimer(options.Value.Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Reload();
    }

    private void Lay(PolicyBook book, PolicyChoices choices)
    {
        var service = book.Defaults.Service;
        foreach (var name in choices.Rules.Keys.Where(name => !PolicyReview.IsKnown(book.Defaults, choices, name)))
            logger.Unknown(service, name);
        book.Current = PolicySet.Compile(book.Defaults, choices, what => logger.Wrong(service, what));
    }

    // Length and time of each file that decides about the service.
    private string Mark(PolicyBook book)
    {
        var directory = options.Value.Directory;
        return directory.Length == 0
            ? ""
            : $"{Mark(PathOf(directory, book.Defaults))} {Mark(Path.Combine(directory, OptionsName))}";
    }

    private static string Mark(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists ? $"{file.Length}/{file.LastWriteTimeUtc.Ticks}" : "none";
        }
        catch (IOException)
        {
            // It went while it was looked at; the next look tells.
            return "none";
        }
    }
}
