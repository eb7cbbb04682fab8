using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>What a silo answers to another that proved to have the cluster's key.</summary>
internal enum Verdict : byte
{
    /// <summary>Welcome.</summary>
    Accepted = 1,

    /// <summary>This endpoint is now another life of a silo; the one that was dialled is gone.</summary>
    AnotherGeneration = 2,

    /// <summary>The dialler was declared dead.</summary>
    DeclaredDead = 3,

    /// <summary>This silo does not take connections now.</summary>
    NotReady = 4,
}

/// <summary>The other side was not who it should be, or would not have us.</summary>
internal sealed class HandshakeException(string message, Verdict? verdict = null) : IOException(message)
{
    /// <summary>What the other side said, once it had proved itself.</summary>
    internal Verdict? Verdict { get; } = verdict;
}

/// <summary>Two silos that know each other, and the keys of what they say from here on.</summary>
internal sealed record Acquaintance(SiloAddress Other, byte[] SendKey, byte[] ReceiveKey);

/// <summary>
/// The start of every connection. Both sides prove that they have the cluster's key before either reads anything but fields of fixed size:
/// <code>
/// dialler  → hello:   magic, cluster, nonce, own address, address dialled
/// listener → proof:   nonce, own address, HMAC(key, "listener", all bytes so far)
/// dialler  → proof:   HMAC(key, "dialler", all bytes so far)
/// listener → verdict: one byte, HMAC(key, "verdict", all bytes so far)
/// </code>
/// Each proof covers both nonces and both addresses, so none can be played again, elsewhere, or back at its maker. The keys of the two
/// directions come out of the same bytes; only the two who share the cluster's key can derive them.
/// </summary>
internal sealed class Handshake(byte[] clusterKey, string clusterId)
{
    private const int NonceBytes = 32;
    private const int ProofBytes = 32;
    private const int HelloBytes = 8 + 32 + NonceBytes + (2 * WireAddress.Width);
    private const int WelcomeBytes = NonceBytes + WireAddress.Width;

    private static readonly byte[] Magic = "FABRIC\0\x01"u8.ToArray();

    private readonly byte[] _cluster = SHA256.HashData(Encoding.UTF8.GetBytes(clusterId));

    /// <summary>The side that connected.</summary>
    internal async Task<Acquaintance> Dial(Stream stream, SiloAddress self, SiloAddress target, CancellationToken token)
    {
        var transcript = new MemoryStream();
        var hello = new byte[HelloBytes];
        Magic.CopyTo(hello, 0);
        _cluster.CopyTo(hello, 8);
        RandomNumberGenerator.Fill(hello.AsSpan(40, NonceBytes));
        WireAddress.Fixed(self, hello.AsSpan(40 + NonceBytes, WireAddress.Width));
        WireAddress.Fixed(target, hello.AsSpan(40 + NonceBytes + WireAddress.Width, WireAddress.Width));
        await Write(stream, transcript, hello, token);

        var welcome = await Read(stream, WelcomeBytes + ProofBytes, token);
        transcript.Write(welcome.AsSpan(0, WelcomeBytes));
        if (!IsProof("listener", transcript, welcome.AsSpan(WelcomeBytes)))
            throw new HandshakeException($"What listens at {target} does not have this cluster's key.");
        transcript.Write(welcome.AsSpan(WelcomeBytes));
        await Write(stream, transcript, Proof("dialler", transcript), token);

        var verdict = await Read(stream, 1 + ProofBytes, token);
        transcript.Write(verdict.AsSpan(0, 1));
        if (!IsProof("verdict", transcript, verdict.AsSpan(1)))
            throw new HandshakeException($"The verdict of {target} is not its own.");
        if ((Verdict)verdict[0] != Verdict.Accepted)
            throw new HandshakeException($"Silo {target} does not accept us: {(Verdict)verdict[0]}.", (Verdict)verdict[0]);
        return new Acquaintance(target, Key("dialler", transcript), Key("listener", transcript));
    }

    /// <summary>The side that was connected to. Null when it turned down a silo that has the key.</summary>
    internal async Task<Acquaintance?> Listen(Stream stream, SiloAddress self, Func<SiloAddress, SiloAddress, Verdict> judge,
        CancellationToken token)
    {
        var transcript = new MemoryStream();
        var hello = await Read(stream, HelloBytes, token);
        if (!hello.AsSpan(0, 8).SequenceEqual(Magic) || !hello.AsSpan(8, 32).SequenceEqual(_cluster))
            throw new HandshakeException("Not a silo of this cluster.");
        transcript.Write(hello);

        var welcome = new byte[WelcomeBytes];
        RandomNumberGenerator.Fill(welcome.AsSpan(0, NonceBytes));
        WireAddress.Fixed(self, welcome.AsSpan(NonceBytes));
        transcript.Write(welcome);
        await stream.WriteAsync(welcome, token);
        await Write(stream, transcript, Proof("listener", transcript), token);

        var proof = await Read(stream, ProofBytes, token);
        if (!IsProof("dialler", transcript, proof))
            throw new HandshakeException("The dialler does not have this cluster's key.");
        transcript.Write(proof);

        // Only now is the other side worth a look at what it says of itself.
        var other = WireAddress.Fixed(hello.AsSpan(40 + NonceBytes, WireAddress.Width));
        var dialled = WireAddress.Fixed(hello.AsSpan(40 + NonceBytes + WireAddress.Width, WireAddress.Width));
        if (other is null || dialled is null)
            throw new HandshakeException("A hello without addresses.");
        var verdict = judge(other, dialled);
        byte[] word = [(byte)verdict];
        transcript.Write(word);
        await stream.WriteAsync((byte[])[.. word, .. Proof("verdict", transcript)], token);
        await stream.FlushAsync(token);
        return verdict == Verdict.Accepted ? new Acquaintance(other, Key("listener", transcript), Key("dialler", transcript)) : null;
    }

    private static async Task Write(Stream stream, MemoryStream transcript, byte[] bytes, CancellationToken token)
    {
        transcript.Write(bytes);
        await stream.WriteAsync(bytes, token);
        await stream.FlushAsync(token);
    }

    private static async Task<byte[]> Read(Stream stream, int length, CancellationToken token)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, token);
        return bytes;
    }

    private byte[] Proof(string role, MemoryStream transcript)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, clusterKey);
        hash.AppendData(Encoding.ASCII.GetBytes(role));
        hash.AppendData(transcript.GetBuffer().AsSpan(0, (int)transcript.Length));
        return hash.GetHashAndReset();
    }

    private bool IsProof(string role, MemoryStream transcript, ReadOnlySpan<byte> proof) =>
        CryptographicOperations.FixedTimeEquals(Proof(role, transcript), proof);

    /// <summary>The key of what this role sends.</summary>
    private byte[] Key(string role, MemoryStream transcript) => HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterKey, 32,
        SHA256.HashData(transcript.GetBuffer().AsSpan(0, (int)transcript.Length)), Encoding.ASCII.GetBytes("records of the " + role));
}
