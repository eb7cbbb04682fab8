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
            var mapping = File.ReadAllText(parsed.GetRequiredValue(rules));
            var said = File.ReadAllText(parsed.GetRequiredValue(input));
            var made = MappingTrial.TryRun(mapping, said, parsed.GetValue(prefix) ?? "", out var result);
            (made ? Console.Out : Console.Error).WriteLine(result);
            return made ? 0 : 1;
        });
        return command;
    }
}
