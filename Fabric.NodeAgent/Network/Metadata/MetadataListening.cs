using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.NodeAgent.Network;

/// <summary>Where the metadata service listens: an address within one of our namespaces. Also the connections' feature that tells whence
/// a request came.</summary>
internal sealed record MetadataScope(string Namespace, IPAddress Address, int Port);

/// <summary>Kestrel's transport for the metadata service: one server for the listeners of all namespaces, which come and go while it
/// runs. A socket belongs to the namespace in which it was made, whoever accepts from it.</summary>
internal sealed class MetadataListening : IConnectionListenerFactory, IAsyncDisposable
{
    /// <summary>Connections that one guest may have open. A boot needs one or two.</summary>
    private const int MostPerGuest = 16;

    /// <summary>Accepted and not yet taken by the server; more wait in the kernel.</summary>
    private const int MostWaiting = 1024;

    private readonly Dictionary<MetadataScope, (Socket Socket, Task Accepting)> _open = [];
    private readonly ConcurrentDictionary<(MetadataScope, IPAddress), int> _guests = new();
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateBounded<ConnectionContext>(MostWaiting);
    private readonly SocketConnectionContextFactory _connections = new(new(), NullLogger.Instance);

    internal IReadOnlyCollection<MetadataScope> Open => _open.Keys;

    /// <summary>Starts listening. The namespace must have the address.</summary>
    internal async Task Listen(MetadataScope scope)
    {
        var socket = await NetworkNamespace.Run(scope.Namespace, () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                made.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                made.Bind(new IPEndPoint(scope.Address, scope.Port));
                made.Listen(512);
                return made;
            }
            catch (SocketException)
            {
                made.Dispose();
                throw;
            }
        });
        _open[scope] = (socket, Accept(scope, socket));
    }

    /// <summary>Stops listening. An open listener would keep its namespace alive after its name is gone.</summary>
    internal async Task Close(MetadataScope scope)
    {
        if (!_open.Remove(scope, out var listener))
            return;

        listener.Socket.Dispose();
        await listener.Accepting;
    }

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Acceptor(this, endpoint));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var scope in _open.Keys.ToList())
            await Close(scope);

        _connections.Dispose();
    }

    private async Task Accept(MetadataScope scope, Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception closed)
                when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // The caller went away, or the process is out of descriptors; the next one may have more luck.
                await Task.Delay(10);
                continue;
            }

            if (Admit(scope, socket) is { } connection && !_accepted.Writer.TryWrite(connection))
                await connection.DisposeAsync();
        }
    }

    private ConnectionContext? Admit(MetadataScope scope, Socket socket)
    {
        if (socket.RemoteEndPoint is not IPEndPoint guest)
        {
            socket.Dispose();
            return null;
        }

        var key = (scope, guest.Address);
        if (_guests.AddOrUpdate(key, 1, (_, count) => count + 1) > MostPerGuest)
        {
            Leave(key);
            socket.Dispose();
            return null;
        }

        var connection = _connections.Create(socket);
        connection.Features.Set(scope);
        connection.ConnectionClosed.Register(() => Leave(key));
        return connection;
    }

    private void Leave((MetadataScope, IPAddress) key)
    {
        if (_guests.AddOrUpdate(key, 0, (_, count) => count - 1) <= 0)
            _guests.TryRemove(new(key, 0));
    }

    /// <summary>What Kestrel sees: one listener.</summary>
    private sealed class Acceptor(MetadataListening listening, EndPoint endpoint) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbound.Token);
            try
            {
                return await listening._accepted.Reader.ReadAsync(ended.Token);
            }
            catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
            {
                return null;
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _unbound.CancelAsync();

        public ValueTask DisposeAsync()
        {
            _unbound.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
