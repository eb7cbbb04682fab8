using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>One life of one silo: where it listens, and a generation that a restart never reuses.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>, ISpanFormattable
{
    // Generations count seconds since this day: small, growing, and unique per restart of a silo on one endpoint.
    private static readonly DateTime GenerationEpoch = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly int _hash;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
        _hash = (int)StableText.Hash(ToParsableString());
    }

    public static SiloAddress Zero { get; } = New(new IPEndPoint(IPAddress.Any, 0), 0);

    public IPEndPoint Endpoint { get; }

    public int Generation { get; }

    /// <summary>Clients that are not silos carry a negative generation.</summary>
    public bool IsClient => Generation < 0;

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    public static SiloAddress New(IPAddress address, int port, int generation) => new(new IPEndPoint(address, port), generation);

    public static int AllocateNewGeneration() => (int)(DateTime.UtcNow - GenerationEpoch).TotalSeconds;

    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint.Address}:{Endpoint.Port}@{Generation}");

    public static SiloAddress FromParsableString(string addr)
    {
        var at = addr.LastIndexOf('@');
        var colon = at < 0 ? -1 : addr.LastIndexOf(':', at);
        if (colon < 0)
            throw new FormatException($"\"{addr}\" is not a silo address (address:port@generation).");
        return New(IPAddress.Parse(addr[..colon]), int.Parse(addr[(colon + 1)..at], CultureInfo.InvariantCulture),
            int.Parse(addr[(at + 1)..], CultureInfo.InvariantCulture));
    }

    public int GetConsistentHashCode() => _hash;

    public bool IsSuccessorOf(SiloAddress other) => Endpoint.Equals(other.Endpoint) && Generation > other.Generation;

    public bool IsPredecessorOf(SiloAddress other) => other.IsSuccessorOf(this);

    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    public override int GetHashCode() => _hash;

    public int CompareTo(SiloAddress? other) =>
        other is null ? 1 : string.CompareOrdinal(ToParsableString(), other.ToParsableString());

    public override string ToString() => $"S{Endpoint}:{Generation.ToString(CultureInfo.InvariantCulture)}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{ToString()}", out charsWritten);
}
