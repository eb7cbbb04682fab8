using System.CommandLine;
using Fabric.Grains.Identity.Operator;

namespace Fabric.Silo;

/// <summary><c>identity mapping-purge</c>: removes users that only identity providers vouch for. Like <c>keystone-manage</c> it wants to be
/// told which, or that all are meant.</summary>
internal static class MappingPurgeCommand
{
    internal static Command Make(Option<string> data, TimeSpan patience)
    {
        var all = new Option<bool>("--all") { Description = "All of them." };
        Option<string?>[] filters =
        [
            new("--domain-name") { Description = "Those in this domain." },
            new("--public-id") { Description = "The one with this id." },
            new("--local-id") { Description = "Those whom their provider calls so." },
            new Option<string?>("--type") { Description = "user, or group." }.AcceptOnlyFromAmong("user", "group"),
        ];
        var command = new Command("mapping-purge", "Removes users that only identity providers vouch for.") { data, all };
        foreach (var filter in filters)
            command.Options.Add(filter);
        command.Validators.Add(result =>
        {
            var given = filters.Count(filter => result.GetValue(filter) is not null);
            if (given == 0 && !result.GetValue(all))
                result.AddError("At least one option must be given.");
            if (given > 0 && result.GetValue(all))
                result.AddError("--all goes with no other option.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            var chosen = filters.Where(filter => parsed.GetValue(filter) is not null)
                .ToDictionary(static filter => filter.Name.TrimStart('-'), filter => parsed.GetValue(filter)!);
            var request = new OperatorRequest(OperatorRequest.MappingPurge, chosen);
            return await IdentityCommands.Tell(parsed, await request.Ask(IdentityCommands.Directory(parsed, data), patience, ct));
        });
        return command;
    }
}
