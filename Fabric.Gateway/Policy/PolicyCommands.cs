using System.CommandLine;
using Fabric.Hosting;

namespace Fabric.Gateway.Policy;

/// <summary>What an operator asks about rules without a running cloud.</summary>
public static class PolicyCommands
{
    private static readonly Option<string> Directory = Settings.Text("--policy", "Directory of the rules, such as nova_policy.yaml.");
    private static readonly Argument<string> Service = new("service") { Description = "keystone, nova, glance, neutron or placement." };

    /// <summary><c>policy list</c>, <c>policy check</c> and <c>policy sample</c>.</summary>
    public static Command All()
    {
        Service.AcceptOnlyFromAmong([.. ServicePolicies.All.Select(static defaults => defaults.Service)]);
        var sample = new Command("sample", "Prints every rule of a service as it is by default, as a file to begin with.") { Service };
        sample.SetAction(static parsed => Print(PolicyReview.Sample(Asked(parsed))));
        var list = new Command("list", "Prints every rule of a service as it is held to, with what its file says.") { Service, Directory };
        list.SetAction(static parsed => Run(parsed, directory =>
            Print(PolicyReview.Effective(Asked(parsed), PolicyFiles.Read(directory, Asked(parsed))))));
        var check = new Command("check", "Says what is wrong with the files of a directory, and what is in them for nothing.")
        {
            Directory,
        };
        check.SetAction(static parsed => Run(parsed, directory => Check(parsed, directory)));
        return new("policy", "Who may do what: oslo.policy's rules.") { list, check, sample };
    }

    private static PolicyDefaults Asked(ParseResult parsed) =>
        ServicePolicies.All.Single(defaults => defaults.Service == parsed.GetValue(Service));

    private static int Run(ParseResult parsed, Func<string, int> run)
    {
        try
        {
            return run(Path.GetFullPath(parsed.GetRequiredValue(Directory)));
        }
        catch (PolicyFileException error)
        {
            parsed.InvocationConfiguration.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static int Print(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Console.WriteLine(line);
        return 0;
    }

    private static int Check(ParseResult parsed, string directory)
    {
        var all = ServicePolicies.All.SelectMany(defaults => PolicyReview.Problems(defaults, PolicyFiles.Read(directory, defaults))
            .Select(problem => $"{PolicyFiles.PathOf(directory, defaults)}: {problem}")).ToList();
        foreach (var problem in all)
            parsed.InvocationConfiguration.Error.WriteLine(problem);
        return all.Count == 0 ? 0 : 1;
    }
}
