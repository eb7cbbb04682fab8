using System.Net;
using System.Net.Sockets;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Dialling and listening.</summary>
internal sealed partial class SiloTransport
{
    /// <summary>Where it listens, once it does.</summary>
    internal IPEndPoint? ListensAt => (IPEndPoint?)_listener?.LocalEndpoint;

    /// <summary>Starts to take connections.</summary>
    internal void Listen(IPEndPoint endpoint)
    {
        _listener = new TcpListener(endpoint);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start(backlog: 512);
        using (ExecutionContext.SuppressFlow())
            _accepting = Task.Run(AcceptLoop);
    }

    /// <summary>Connects to a silo and makes sure that it is the one.</summary>
    internal async Task<Connection> Dial(Exchange exchange, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(HandshakeLimit);
        var socket = new Socket(exchange.Other.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var stream = default(NetworkStream);
        try
        {
            await socket.ConnectAsync(exchange.Other.Endpoint, limit.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            var known = await _handshake.Dial(stream, Silo.Address, exchange.Other, limit.Token).ConfigureAwait(false);
            Counters.Opened();
            return new Connection(this, exchange, stream, known);
        }
        catch (Exception failure)
        {
            stream?.Dispose();
            socket.Dispose();
            if (failure is HandshakeException { Verdict: Verdict.DeclaredDead })
                Silo.Lease.Doubt();
            throw;
        }
    }

    /// <summary>Waits until what is queued for others is written, or the time is over.</summary>
    internal async Task Flushed(TimeSpan limit, CancellationToken token)
    {
        var until = Silo.Lease.Now + (long)limit.TotalMilliseconds;
        while (Silo.Lease.Now < until && (_accepted.Keys.Any(each => each.HasQueued) || _links.Values.Any(each => each.Exchange.HasQueued)))
            await Task.Delay(TimeSpan.FromMilliseconds(10), token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Closes everything. What is queued for others has been given its time before.</summary>
    internal async Task Stop()
    {
        _stopped = true;
        Silo.Membership.Changed -= OnViewChanged;
        _listener?.Stop();
        await _stop.CancelAsync().ConfigureAwait(false);
        var links = _links.Values.ToArray();
        foreach (var link in links)
            link.Close("this silo stops");
        await Task.WhenAll([_accepting, .. links.Select(link => link.Closed)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_parked.TryDequeue(out var request))
            request.Fail(new SiloUnavailableException($"Silo {Silo.Address} has stopped."));
    }

    /// <summary>Cuts all connections, as when a silo becomes another one; links dial again when the view has others.</summary>
    internal void Reset(string why)
    {
        foreach (var (address, link) in _links)
        {
            if (_links.TryRemove(KeyValuePair.Create(address, link)))
                link.Close(why);
        }
    }

    public void Dispose()
    {
        _stopped = true;
        Silo.Membership.Changed -= OnViewChanged;
        _stop.CancelIfAlive();
        _listener?.Dispose();
        foreach (var link in _links.Values)
            link.Close("this silo stops");
        _stop.Dispose();
        _handshakes.Dispose();
    }

    private async Task AcceptLoop()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener!.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                if (_handshakes.Wait(0))
                {
                    _ = Accept(socket);
                    continue;
                }

                Counters.Refused();
                socket.Dispose();
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // Out of descriptors, or the peer was gone before it was accepted: others still want to come in.
                Silo.Log.AcceptFailed(failure);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Accept(Socket socket)
    {
        socket.NoDelay = true;
        using var stream = new NetworkStream(socket, ownsSocket: true);
        Acquaintance? known;
        // From before the handshake, which is one with this life.
        var life = Silo.Epoch;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(HandshakeLimit);
            known = await _handshake.Listen(stream, Silo.Address, Judge, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Counters.Refused();
            Silo.Log.HandshakeFailed(failure.Message, socket.SafeHandle.IsClosed ? null : socket.RemoteEndPoint);
            return;
        }
        finally
        {
            if (!_stop.IsCancellationRequested)
                _handshakes.Release();
        }

        if (known is not null)
            await Serve(stream, known, life).ConfigureAwait(false);
    }

    private async Task Serve(Stream stream, Acquaintance known, int life)
    {
        var exchange = new Exchange(this, known.Other, life);
        _accepted[exchange] = true;
        // A view that came since the verdict has not found it there.
        if (Silo.Membership.Current.IsDead(known.Other))
            exchange.Disown();
        if (known.Other.IsClient)
            _clients[known.Other] = exchange;
        Counters.Opened();
        using var connection = new Connection(this, exchange, stream, known);
        var why = await connection.Run(_stop.Token).ConfigureAwait(false);
        Counters.Closed();
        _accepted.TryRemove(exchange, out _);
        _clients.TryRemove(KeyValuePair.Create(known.Other, exchange));
        foreach (var request in exchange.Close(why))
            request.Fail(new ClientNotAvailableException(request.TargetId));
    }

    private Verdict Judge(SiloAddress other, SiloAddress dialled)
    {
        if (!dialled.Equals(Silo.Address))
            return Verdict.AnotherGeneration;
        if (Silo.Lease.IsFenced)
            return Verdict.NotReady;
        return Silo.Membership.Current.IsDead(other) ? Verdict.DeclaredDead : Verdict.Accepted;
    }
}
