using System.Collections.Concurrent;

namespace Fabric.Tests.Chaos;

/// <summary>
/// Clients that create, change, read and delete, each its own resources and everybody's, until they are told to stop; and the history of
/// it. What is wrong at once is written down at once.
/// </summary>
internal sealed class ChaosLoad(ChaosClient client, ChaosGround ground, int seed)
{
    /// <summary>More than addresses on the narrow network, over all clients: they compete for them.</summary>
    private const int Kept = 8;

    private const int Clients = 16;
    private readonly ConcurrentDictionary<string, ChaosThing> things = new();
    private readonly ConcurrentDictionary<string, ChaosThing> addresses = new();
    private int names;

    /// <summary>All that was ever acknowledged.</summary>
    internal IReadOnlyCollection<ChaosThing> Things => [.. things.Values];

    /// <summary>What must not be.</summary>
    internal ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Runs until it is told to stop, and ends what was begun.</summary>
    internal Task Run(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(each => Task.Run(() => Act(new(HashCode.Combine(seed, each)), stop), default)));

    private async Task Act(Random random, CancellationToken stop)
    {
        var own = new List<ChaosThing>();
        while (!stop.IsCancellationRequested)
        {
            var draw = random.Next(100);
            if (own.Count == 0 || (draw < 25 && own.Count < Kept))
                await Create(random, own);
            else if (draw < 45)
                await Change(random, own[random.Next(own.Count)]);
            else if (draw < 80)
                await Look(random, [.. things.Values]);
            else
                await Delete(random, own);
        }
    }

    private async Task Create(Random random, List<ChaosThing> own)
    {
        // Ports most often: what they take is scarce.
        var kind = random.Next(10) switch
        {
            < 2 => ChaosKind.Network,
            < 6 => ChaosKind.Port,
            < 8 => ChaosKind.Flavor,
            _ => ChaosKind.Server,
        };
        var name = $"{kind}-{seed}-{Interlocked.Increment(ref names)}";
        var answer = await client.Send(random.Next(), "POST", kind.Path, ground.Create(kind, name, random));
        if (!answer.Yes)
        {
            if (answer.No && answer.Status is not 409)
                Violations.Enqueue($"{name} cannot be created: {answer}");
            return;
        }
        var body = answer.Body.GetProperty(kind.Singular);
        var id = body.GetProperty("id").GetString()!;
        var address = kind == ChaosKind.Port ? body.GetProperty("fixed_ips")[0].GetProperty("ip_address").GetString() : null;
        var thing = new ChaosThing(kind, id, name, ChaosThing.Revision(answer.Body) ?? 0) { Address = address };
        if (!things.TryAdd($"{kind}/{id}", thing))
            Violations.Enqueue($"{name} has the id of another: {id}");
        own.Add(thing);
        if (address is null)
            return;
        if (addresses.TryGetValue(address, out var holder) && !holder.DeleteBegun)
            Violations.Enqueue($"{address} was given to {name} ({id}) while {holder.Name} ({holder.Id}) has it");
        addresses[address] = thing;
    }

    private async Task Change(Random random, ChaosThing thing)
    {
        // A server whose delete was acknowledged may be there for a while; what has begun to go is left alone.
        if (thing.DeleteBegun)
            return;
        var value = thing.BeginWrite();
        var body = new Dictionary<string, object> { [thing.Kind.Singular] = new { description = $"{value}" } };
        var answer = await client.Send(random.Next(), "PUT", thing.Path, body);
        thing.EndWrite(value, answer);
        if (answer.No && answer.Status is not 409)
            Violations.Enqueue($"{thing.Name} ({thing.Id}) cannot be changed: {answer}");
    }

    private async Task Look(Random random, ChaosThing[] all)
    {
        if (all.Length == 0)
            return;
        // Mostly what is there: of what is gone there is ever more.
        var thing = all[random.Next(all.Length)];
        for (var tries = 0; tries < 4 && thing.Deleted; tries++)
            thing = all[random.Next(all.Length)];
        var known = thing.Begin();
        if (thing.Judge(known, await client.Send(random.Next(), "GET", thing.Path)) is { } violation)
            Violations.Enqueue(violation);
    }

    private async Task Delete(Random random, List<ChaosThing> own)
    {
        var thing = own[random.Next(own.Count)];
        var again = thing.DeleteBegun;
        thing.BeginDelete();
        var answer = await client.Send(random.Next(), "DELETE", thing.Path);
        thing.EndDelete(answer);
        // After a delete without an answer, 404 says that it was done.
        if (answer.Yes || answer.Status is 404)
            own.Remove(thing);
        if (answer.No && !(again && answer.Status is 404 or 409))
            Violations.Enqueue($"{thing.Name} ({thing.Id}) cannot be deleted: {answer}");
    }
}
