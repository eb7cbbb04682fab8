using System.Text.Json;

namespace Fabric.Grains.Identity.Operator;

/// <summary>What came of a request.</summary>
/// <param name="Done">False when it was refused; nothing was changed then, or part of it, and it can be asked again.</param>
/// <param name="Message">What was done, or why not.</param>
public sealed record OperatorAnswer(bool Done, string Message);

/// <summary>
/// What an operator asks of a cloud from beside it, as <c>keystone-manage</c> does: by a file in the data directory. Whoever may write
/// there owns all of the cloud's secrets anyway, so the file is right enough. A running cloud does it within seconds; one that does not
/// run, at its next start.
/// </summary>
/// <param name="Name">What to do: one of the names below.</param>
/// <param name="Filters">Of what; empty where nothing is to be chosen.</param>
public sealed record OperatorRequest(string Name, IReadOnlyDictionary<string, string> Filters)
{
    /// <summary>Lets the first admin in again with the password in its file.</summary>
    public const string ResetAdmin = "reset-admin";

    /// <summary>The same, and makes again what the first start made and a cloud cannot be administered without.</summary>
    public const string Bootstrap = "bootstrap";

    /// <summary>Removes users that only identity providers vouch for.</summary>
    public const string MappingPurge = "mapping-purge";

    internal const string Folder = "requests";
    internal const string RequestEnding = ".json";
    internal const string AnswerEnding = ".answer";

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="dataDirectory">The cloud's data directory, with settings at their defaults.</param>
    /// <param name="patience">For how long to wait.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <returns>The answer; null when none came, which leaves the request to the cloud's next start.</returns>
    public async Task<OperatorAnswer?> Ask(string dataDirectory, TimeSpan patience, CancellationToken ct)
    {
        var folder = Path.Combine(dataDirectory, Folder);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var place = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(place, JsonSerializer.Serialize(this), ct);
        // Under its name only when it is whole: the cloud looks at any moment.
        File.Move(place, place + RequestEnding);
        for (var waited = TimeSpan.Zero; waited < patience; waited += TimeSpan.FromMilliseconds(200))
        {
            if (File.Exists(place + AnswerEnding))
            {
                var answer = JsonSerializer.Deserialize<OperatorAnswer>(await File.ReadAllTextAsync(place + AnswerEnding, ct));
                File.Delete(place + AnswerEnding);
                return answer;
            }

            await Task.Delay(200, ct);
        }

        return null;
    }
}
