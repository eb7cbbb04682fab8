using System.Buffers;
using System.Net.Sockets;
using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>Whoever does not have the key, or does not keep to the form, loses the connection and reaches nothing behind it.</summary>
public sealed class TransportGuardTests : IAsyncLifetime
{
    // Printed in every failure: the same seed sends the same bytes.
    private static readonly int Seed = Environment.TickCount;

    private TestCluster _cluster = null!;

    private SiloRuntime Silo => TestCluster.Runtime(_cluster.Silos[0]);

    private TransportCounters Counters => Silo.Transport!.Counters;

    public async Task InitializeAsync() => _cluster = await TestCluster.Start(1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Bytes_of_a_stranger_cost_the_connection_and_nothing_else()
    {
        var random = new Random(Seed);
        for (var round = 1; round <= 40; round++)
        {
            using var client = await Connect();
            var bytes = new byte[random.Next(1, 2000)];
            random.NextBytes(bytes);
            // Half of them begin as a silo would.
            if (round % 2 == 0)
                "FABRIC\0\x01"u8.ToArray().AsSpan(0, Math.Min(8, bytes.Length)).CopyTo(bytes);
            var stream = client.GetStream();
            await stream.WriteAsync(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            await Ends(stream);
        }

        await Eventually.True(() => Counters.RefusedHandshakes >= 40, $"all were refused (seed {Seed})");
        Assert.Equal(0, Counters.ReceivedRequests);
        await StillAnswers();
    }

    [Fact]
    public async Task A_silo_without_the_key_learns_nothing_and_is_turned_away()
    {
        using var client = await Connect();
        var stranger = new Handshake(new byte[32], ClusterId);
        var refused = await Assert.ThrowsAsync<HandshakeException>(() =>
            stranger.Dial(client.GetStream(), Address(9), Silo.Address, CancellationToken.None));
        Assert.Contains("does not have this cluster's key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_that_was_overheard_is_of_no_use_a_second_time()
    {
        using var first = await Connect();
        var overheard = new Recorder(first.GetStream());
        await Handshake().Dial(overheard, Address(9), Silo.Address, CancellationToken.None);
        using var second = await Connect();
        var stream = second.GetStream();
        // The hello, then the proof, each as it was; but the other nonce is another.
        foreach (var sent in overheard.Written)
            await stream.WriteAsync(sent);
        await Ends(stream, afterBytes: 32 + WireAddress.Width + 32);
        await Eventually.True(() => Counters.RefusedHandshakes == 1, "the second was refused");
    }

    [Fact]
    public async Task Another_life_of_a_silo_is_not_taken_for_the_one_that_was_dialled()
    {
        using var client = await Connect();
        var former = SiloAddress.New(Silo.Address.Endpoint, Silo.Address.Generation - 1);
        var refused = await Assert.ThrowsAsync<HandshakeException>(() =>
            Handshake().Dial(client.GetStream(), Address(9), former, CancellationToken.None));
        Assert.Equal(Verdict.AnotherGeneration, refused.Verdict);
    }

    [Fact]
    public async Task A_former_life_of_a_silo_that_joined_again_is_turned_away()
    {
        using var client = await Connect();
        var former = SiloAddress.New(Silo.Address.Endpoint, Silo.Address.Generation - 1);
        var refused = await Assert.ThrowsAsync<HandshakeException>(() =>
            Handshake().Dial(client.GetStream(), former, Silo.Address, CancellationToken.None));
        Assert.Equal(Verdict.DeclaredDead, refused.Verdict);
    }

    [Fact]
    public async Task Who_connects_and_says_nothing_is_let_go_of()
    {
        using var client = await Connect();
        await Ends(client.GetStream());
    }

    [Fact]
    public async Task A_silo_that_is_silent_after_its_handshake_is_let_go_of()
    {
        using var client = await Connect();
        await Handshake().Dial(client.GetStream(), Address(9), Silo.Address, CancellationToken.None);
        await Ends(client.GetStream());
        Assert.Equal(0, Counters.MalformedConnections);
    }

    [Fact]
    public async Task A_record_that_was_changed_on_the_way_ends_the_connection()
    {
        using var client = await Connect();
        var known = await Handshake().Dial(client.GetStream(), Address(9), Silo.Address, CancellationToken.None);
        using var cipher = new RecordCipher(known.SendKey);
        var record = new byte[3 + RecordCipher.Overhead];
        cipher.Seal([2, (byte)MessageKind.Ping, 1], record);
        record[5] ^= 1;
        await client.GetStream().WriteAsync(record);
        await Ends(client.GetStream());
        await Eventually.True(() => Counters.MalformedConnections == 1, "it was counted");
    }

    [Fact]
    public async Task A_length_that_nobody_sends_ends_the_connection_before_it_is_waited_for()
    {
        using var client = await Connect();
        await Handshake().Dial(client.GetStream(), Address(9), Silo.Address, CancellationToken.None);
        await client.GetStream().WriteAsync((byte[])[0x7F, 0xFF, 0xFF, 0xFF]);
        await Ends(client.GetStream());
        await Eventually.True(() => Counters.MalformedConnections == 1, "it was counted");
    }

    [Fact]
    public async Task Well_sealed_nonsense_costs_the_connection_at_most()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 200; round++)
        {
            using var client = await Connect();
            var known = await Handshake().Dial(client.GetStream(), Address(9 + round), Silo.Address, CancellationToken.None);
            using var cipher = new RecordCipher(known.SendKey);
            var message = new byte[random.Next(1, 200)];
            random.NextBytes(message);
            message[0] = (byte)random.Next(0, 14);
            // A view of nonsense with a high version would be believed: who has the key may say who is in the cluster.
            if (message[0] == (byte)MessageKind.View)
                continue;
            var plain = new ArrayBufferWriter<byte>();
            Wire.Varint(plain, (ulong)message.Length);
            Wire.Bytes(plain, message);
            var record = new byte[plain.WrittenCount + RecordCipher.Overhead];
            cipher.Seal(plain.WrittenSpan, record);
            var stream = client.GetStream();
            await stream.WriteAsync(record);
            client.Client.Shutdown(SocketShutdown.Send);
            await Ends(stream);
        }

        Assert.True(Counters.MalformedConnections > 50, $"Only {Counters.MalformedConnections} were seen as malformed (seed {Seed}).");
        await StillAnswers();
    }

    private string ClusterId => Service<IOptions<ClusterOptions>>().Value.ClusterId;

    private Handshake Handshake() => new(Service<IOptions<ClusterKey>>().Value.Required, ClusterId);

    private T Service<T>() where T : notnull => _cluster.Silos[0].ServiceProvider.GetRequiredService<T>();

    private static SiloAddress Address(int generation) => SiloAddress.New(System.Net.IPAddress.Loopback, 1, generation);

    private async Task<TcpClient> Connect()
    {
        var client = new TcpClient();
        await client.ConnectAsync(Silo.Address.Endpoint);
        return client;
    }

    private async Task StillAnswers() =>
        Assert.Equal(Silo.Address.ToString(), await _cluster.Client.GetGrain<IClusterGrain>("still here").Silo());

    /// <summary>Reads until the other side closes; fails if it does not, or says more than it may.</summary>
    private static async Task Ends(NetworkStream stream, int? afterBytes = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        var said = 0;
        try
        {
            while (await stream.ReadAsync(buffer, limit.Token) is var read and > 0)
                said += read;
        }
        catch (IOException)
        {
            // Reset: closed with bytes of ours unread.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The connection was not closed (seed {Seed}).");
        }

        if (afterBytes is { } most)
            Assert.True(said <= most, $"{said} bytes were said to a stranger.");
    }

    /// <summary>Remembers what is written.</summary>
    private sealed class Recorder(Stream inner) : Stream
    {
        internal List<byte[]> Written { get; } = [];

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written.Add(buffer.ToArray());
            return inner.WriteAsync(buffer, cancellationToken);
        }
    }
}
