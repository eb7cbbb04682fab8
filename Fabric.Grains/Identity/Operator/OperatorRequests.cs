using System.Text.Json;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity.Operator;

/// <summary>Does one kind of request.</summary>
internal interface IOperatorWork
{
    /// <summary>The requests' names.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Does it, and says what was done; a <see cref="Fault"/> when it cannot be. May be begun again after a crash in its midst,
    /// and at several silos at once.</summary>
    Task<string> Do(OperatorRequest request, CancellationToken ct);
}

/// <summary>Looks for an operator's requests and carries them out, oldest first. A request goes when its answer is there, so that one whose
/// silo died is taken up by the next.</summary>
internal sealed class OperatorRequests(
    IEnumerable<IOperatorWork> works, IGrainFactory grains, IOptions<IdentityOptions> options, TimeProvider time,
    ILogger<OperatorRequests> logger) : PeriodicWork(TimeSpan.FromSeconds(2), time, logger)
{
    /// <summary>For how long an answer that nobody fetched is kept.</summary>
    private static readonly TimeSpan AnswersLive = TimeSpan.FromHours(1);

    private readonly TimeProvider clock = time;

    public override async Task Run(CancellationToken ct)
    {
        var folder = new DirectoryInfo(options.Value.PathOf(OperatorRequest.Folder));
        if (!folder.Exists)
            return;
        Sweep(folder);
        var asked = folder.GetFiles("*" + OperatorRequest.RequestEnding).OrderBy(static file => file.LastWriteTimeUtc).ToArray();
        if (asked.Length == 0 || !(await grains.GetGrain<IIdentityBootstrapGrain>(IIdentityBootstrapGrain.Key).Plan()).Done)
            return;
        foreach (var file in asked)
            await Answer(file.FullName, ct);
    }

    private async Task Answer(string path, CancellationToken ct)
    {
        OperatorAnswer answer;
        try
        {
            answer = new(true, await Do(await File.ReadAllTextAsync(path, ct), ct));
        }
        catch (FileNotFoundException)
        {
            // Another silo was quicker.
            return;
        }
        catch (Fault fault)
        {
            answer = new(false, fault.Message);
        }

        if (!File.Exists(path))
            return;
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        await File.WriteAllTextAsync(unfinished, JsonSerializer.Serialize(answer), ct);
        File.Move(unfinished, Path.ChangeExtension(path, OperatorRequest.AnswerEnding), overwrite: true);
        File.Delete(path);
    }

    private Task<string> Do(string text, CancellationToken ct)
    {
        OperatorRequest? request;
        try
        {
            request = JsonSerializer.Deserialize<OperatorRequest>(text);
        }
        catch (JsonException)
        {
            request = null;
        }

        return works.FirstOrDefault(work => request is not null && work.Names.Contains(request.Name)) is { } able
            ? able.Do(request!, ct)
            : throw Fault.BadRequest("UnknownRequest", "No request that this cloud knows.");
    }

    private void Sweep(DirectoryInfo folder)
    {
        foreach (var answer in folder.GetFiles("*" + OperatorRequest.AnswerEnding))
        {
            if (clock.GetUtcNow() - answer.LastWriteTimeUtc > AnswersLive)
                answer.Delete();
        }
    }
}
