
namespace Orleans.Runtime;

/// <summary>A piece of an identity (a grain type's name, a grain's key): text with its hash computed once.</summary>
/// <remarks>The hash is the same in every process, because placement by rendezvous hash rests on it.</remarks>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>, ISpanFormattable
{
    private readonly string? _text;
    private readonly uint _hash;

    private IdSpan(string text)
    {
        _text = text;
        _hash = StableText.Hash(text);
    }

    public bool IsDefault => string.IsNullOrEmpty(_text);

    public static IdSpan Create(string id) => new(id);

    public uint GetUniformHashCode() => _hash;

    public bool Equals(IdSpan obj) => _hash == obj._hash && string.Equals(_text, obj._text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    public override int GetHashCode() => (int)_hash;

    public int CompareTo(IdSpan other) => string.CompareOrdinal(_text, other._text);

    public override string ToString() => _text ?? "";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    public bool TryFormat(Span<char> destination, out int charsWritten)
    {
        var fits = ToString().TryCopyTo(destination);
        charsWritten = fits ? ToString().Length : 0;
        return fits;
    }

    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}
