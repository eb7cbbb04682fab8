using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Fabric.Engine;

/// <summary>
/// One direction of a connection under its own key. A record is a length, some whole messages encrypted together, and a tag; its nonce is
/// its number, so a record that was changed, dropped, repeated or moved does not open. One record holds all that was ready to be sent: the
/// price of sealing is paid per write to the socket, not per message.
/// </summary>
internal sealed class RecordCipher(byte[] key) : IDisposable
{
    internal const int HeaderBytes = 4;
    internal const int TagBytes = 16;
    internal const int Overhead = HeaderBytes + TagBytes;

    private readonly AesGcm _cipher = new(key, TagBytes);
    private ulong _number;

    /// <summary>Writes a record of <paramref name="plain"/> to <paramref name="record"/>, which is longer by the overhead.</summary>
    internal void Seal(ReadOnlySpan<byte> plain, Span<byte> record)
    {
        BinaryPrimitives.WriteUInt32BigEndian(record, (uint)(plain.Length + TagBytes));
        Span<byte> nonce = stackalloc byte[12];
        Next(nonce);
        _cipher.Encrypt(nonce, plain, record.Slice(HeaderBytes, plain.Length), record.Slice(HeaderBytes + plain.Length, TagBytes),
            record[..HeaderBytes]);
    }

    /// <summary>Opens what follows the header; false when it is not what the other side sealed next.</summary>
    internal bool TryOpen(ReadOnlySpan<byte> header, ReadOnlySpan<byte> body, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[12];
        Next(nonce);
        try
        {
            _cipher.Decrypt(nonce, body[..^TagBytes], body[^TagBytes..], plain, header);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _cipher.Dispose();

    private void Next(Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], _number++);
    }
}
