using System.CommandLine;
using Fabric.Gateway.Identity.Federation;

namespace Fabric.Silo;

/// <summary><c>identity mapping-engine</c>: tries a mapping of federation without a cloud.</summary>
internal static class MappingCommand
{
    /// <summary>The command. Its answer goes to standard output; what is wrong to standard error, with status 1.</summary>
    internal static Command Make()
    {
        var rules = new Option<string>("--rules") { Description = "File with a mapping, or its rules alone: JSON.", Required = true };
        var input = new Option<string>("--input")
        {
            Description = "File with an assertion: a line 'name: value' for each attribute; semicolons between several values.",
            Required = true,
        };
        var prefix = new Option<string>("--prefix")
        {
            Description = "Look at attributes that begin so alone.",
            DefaultValueFactory = static _ => "",
        };
        var command = new Command("mapping-engine", "Tells what a mapping makes of what an identity provider says.")
        {
            rules, input, prefix,
        };
        command.SetAction(parsed =>
        {
            var made = Try(parsed.GetRequiredValue(rules), parsed.GetRequiredValue(input), parsed.GetValue(prefix) ?? "", out var result);
            var configuration = parsed.InvocationConfiguration;
            (made ? configuration.Output : configuration.Error).WriteLine(result);
            return made ? 0 : 1;
        });
        return command;
    }

    private static bool Try(string rules, string input, string prefix, out string result)
    {
        try
        {
            return MappingTrial.TryRun(File.ReadAllText(rules), File.ReadAllText(input), prefix, out result);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            result = unreadable.Message;
            return false;
        }
    }
}
