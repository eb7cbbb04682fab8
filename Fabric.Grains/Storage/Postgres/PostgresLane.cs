using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>One of the connections that writes go over, made anew when it was lost.</summary>
internal sealed class PostgresLane(PostgresConnections connections) : IAsyncDisposable
{
    private PostgresWriterSession? session;
    private PostgresWriterSession? former;

    /// <summary>True when there is no connection (any more): what was sent last may or may not have been done.</summary>
    public bool IsLost => session is not { IsOpen: true };

    /// <summary>Sends the writes as one transaction, for a writer whose lease ends then, and tells each what became of it. When it throws,
    /// none was told anything.</summary>
    public async Task Send(List<PostgresWrite> batch, DateTimeOffset? leaseUntil)
    {
        // A copy: an attempt that nobody waits for any more must not see what the next one makes of the list.
        PostgresWrite[] all = [.. batch];
        if (IsLost)
            await Connect();
        var refused = await Answer(session!, session!.Send(all, leaseUntil));
        for (var i = 0; i < all.Length; i++)
        {
            if (refused.TryGetValue(i, out var why))
                all[i].Refuse(why.Stored, why.Taken);
            else
                all[i].Complete();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => session is null ? ValueTask.CompletedTask : session.DisposeAsync();

    private async Task Connect()
    {
        await DisposeAsync();
        former = session ?? former;
        session = null;
        var opened = new PostgresWriterSession(connections);
        session = await Answer(opened, Open(opened, former));
        former = null;

        static async Task<PostgresWriterSession> Open(PostgresWriterSession opened, PostgresWriterSession? former)
        {
            await opened.Open(former);
            return opened;
        }
    }

    /// <summary>Waits for the answer, but no longer than a server that is alive would take. Then the connection is given up.</summary>
    private async Task<T> Answer<T>(PostgresWriterSession asked, Task<T> answer)
    {
        try
        {
            return await answer.WaitAsync(PostgresConnections.AnswersWithin);
        }
        catch (TimeoutException silence) when (!answer.IsCompleted)
        {
            (former, session) = (session ?? former, null);
            _ = PostgresConnections.LetGo(answer, asked);
            throw new NpgsqlException("The server does not answer.", silence);
        }
        catch (Exception) when (session != asked)
        {
            // It never came to be the lane's.
            await asked.DisposeAsync();
            throw;
        }
    }
}
