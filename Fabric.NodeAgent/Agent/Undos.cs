namespace Fabric.NodeAgent.Agent;

/// <summary>What to take back when a verb fails half-way, last first. Enough inside one verb: what a crash leaves is met by the next run of
/// the verb, or by the loop.</summary>
internal sealed class Undos
{
    private readonly Stack<Func<Task>> undos = new();

    /// <summary>Remembers how to take back what is about to be done.</summary>
    public void Add(Func<Task> undo) => undos.Push(undo);

    /// <summary>Remembers how to take back what is about to be done.</summary>
    public void Add(Action undo) => undos.Push(() =>
    {
        undo();
        return Task.CompletedTask;
    });

    /// <summary>Runs a verb; when it throws, takes back what it did and throws on. An undo that fails too is told along with the
    /// cause.</summary>
    public static async Task Run(Func<Undos, Task> verb)
    {
        var undos = new Undos();
        try
        {
            await verb(undos);
        }
        catch (Exception cause)
        {
            var failures = await undos.TakeBack();
            if (failures.Count > 0)
                throw new AggregateException("A verb failed, and what it did could not be taken back.", [cause, .. failures]);
            throw;
        }
    }

    private async Task<List<Exception>> TakeBack()
    {
        var failures = new List<Exception>();
        while (undos.TryPop(out var undo))
        {
            try
            {
                await undo();
            }
#pragma warning disable CA1031 // Whatever an undo throws is handed on by Run; the others must have their turn first.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                failures.Add(failure);
            }
        }
        return failures;
    }
}
