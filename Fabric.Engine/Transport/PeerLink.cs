using System.Net.Sockets;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>The way to one other silo: dials it, and again when the connection breaks, until the silo is dead or ours stops.</summary>
internal sealed class PeerLink : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly SiloTransport _transport;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal PeerLink(SiloTransport transport, SiloAddress other)
    {
        _transport = transport;
        Exchange = new Exchange(transport, other, transport.Silo.Epoch);
        // The first caller's context must not live on in the loop.
        using (ExecutionContext.SuppressFlow())
            _running = Task.Run(Run);
    }

    internal Exchange Exchange { get; }

    /// <summary>A connection stands.</summary>
    internal bool IsConnected { get; private set; }

    /// <summary>Ends it. What was sent fails, what was not goes elsewhere.</summary>
    internal void Close(string why)
    {
        _stop.CancelIfAlive();
        foreach (var request in Exchange.Close(why))
            _transport.Unsent(request);
    }

    /// <summary>Done when its loop has ended.</summary>
    internal Task Closed => _running;

    public void Dispose() => _stop.Dispose();

    private async Task Run()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await _transport.Dial(Exchange, _stop.Token).ConfigureAwait(false);
                IsConnected = true;
                pause = FirstPause;
                var why = await connection.Run(_stop.Token).ConfigureAwait(false);
                IsConnected = false;
                _transport.Counters.Closed();
                Exchange.Broken(why);
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
            {
                _transport.Silo.Log.DialFailed(failure.Message, Exchange.Other);
            }

            await Task.Delay(Jittered(pause), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    /// <summary>Silos that lost the same peer at the same moment must not all knock again at the same moment.</summary>
    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.5 + Random.Shared.NextDouble());
}
