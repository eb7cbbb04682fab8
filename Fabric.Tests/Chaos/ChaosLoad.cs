using System.Collections.Concurrent;

namespace Fabric.Tests.Chaos;

/// <summary>How much goes on in a run.</summary>
/// <param name="Clients">How many clients there are.</param>
/// <param name="Kept">How many resources each has at most.</param>
/// <param name="PauseMilliseconds">How long each rests between two requests.</param>
internal sealed record ChaosScale(int Clients, int Kept, int PauseMilliseconds)
{
    /// <summary>Leaves the machine time for what is looked at.</summary>
    internal static readonly ChaosScale Gentle = new(8, 8, 20);

    /// <summary>More than there are addresses on the narrow network: clients compete for them.</summary>
    internal static readonly ChaosScale Small = new(16, 8, 0);

    /// <summary>Some thousand resources at a time.</summary>
    internal static readonly ChaosScale Large = new(24, 90, 0);
}

/// <summary>
/// Clients that create, change, read and delete, each its own resources and everybody's, until they are told to stop; and the history of
/// it. What is wrong at once is written down at once.
/// </summary>
internal sealed class ChaosLoad(ChaosClient client, ChaosGround ground, ChaosScale scale)
{
    private readonly ConcurrentDictionary<string, ChaosThing> things = new();
    private readonly ConcurrentDictionary<string, ChaosThing> addresses = new();
    private readonly List<ChaosThing>[] owned = [.. Enumerable.Range(0, scale.Clients).Select(static _ => new List<ChaosThing>())];
    private int names;

    /// <summary>Nothing of it is older.</summary>
    internal DateTimeOffset Begun { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>All that was ever acknowledged.</summary>
    internal IReadOnlyCollection<ChaosThing> Things => [.. things.Values];

    /// <summary>What must not be.</summary>
    internal ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Runs until it is told to stop, and ends what was begun. May be called again, and goes on with what is there.</summary>
    internal Task Run(int seed, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, scale.Clients)
        .Select(each => Task.Run(() => Act(new((seed * scale.Clients) + each), seed, owned[each], stop), default)));

    /// <summary>Only creates, until every client has what it keeps.</summary>
    internal Task Fill(int seed) => Task.WhenAll(owned.Select((own, each) => Task.Run(async () =>
    {
        var random = new Random((seed * scale.Clients) + each);
        while (own.Count < scale.Kept)
            await Create(random, seed, own);
    })));

    /// <summary>How many were made, written and deleted.</summary>
    internal string Told()
    {
        var all = Things;
        return $"{all.Count} were created, {all.Sum(static thing => thing.Writes)} times one was changed, "
            + $"{all.Count(static thing => thing.Deleted)} were deleted";
    }

    private async Task Act(Random random, int seed, List<ChaosThing> own, CancellationToken stop)
    {
        // Not asked for at each turn: thousands would have to be copied.
        ChaosThing[] all = [];
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            if (turn % 32 == 0 || all.Length < scale.Kept)
                all = [.. things.Values.Where(static thing => !thing.Buried)];
            var draw = random.Next(100);
            if (own.Count == 0 || (draw < 25 && own.Count < scale.Kept))
                await Create(random, seed, own);
            else if (draw < 45)
                await Change(random, own[random.Next(own.Count)]);
            else if (draw < 80)
                await Look(random, all);
            else
                await Delete(random, own);
            await Task.Delay(scale.PauseMilliseconds, CancellationToken.None);
        }
    }

    private async Task Create(Random random, int seed, List<ChaosThing> own)
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
        var answer = await client.Send(random.Next(1_000), "POST", kind.Path, ground.Create(kind, name, random));
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
        var answer = await client.Send(random.Next(1_000), "PUT", thing.Path, body);
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
        if (thing.Judge(known, await client.Send(random.Next(1_000), "GET", thing.Path)) is { } violation)
            Violations.Enqueue(violation);
    }

    private async Task Delete(Random random, List<ChaosThing> own)
    {
        var thing = own[random.Next(own.Count)];
        var again = thing.DeleteBegun;
        thing.BeginDelete();
        var answer = await client.Send(random.Next(1_000), "DELETE", thing.Path);
        thing.EndDelete(answer);
        // After a delete without an answer, 404 says that it was done.
        if (answer.Yes || answer.Status is 404)
            own.Remove(thing);
        if (answer.No && !(again && answer.Status is 404 or 409))
            Violations.Enqueue($"{thing.Name} ({thing.Id}) cannot be deleted: {answer}");
    }
}
