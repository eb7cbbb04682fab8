using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Orleans.Runtime;

/// <summary>The identity of one activation, that is of one life of a grain in memory.</summary>
public readonly struct ActivationId : IEquatable<ActivationId>
{
    private readonly Guid _key;

    public ActivationId(Guid key) => _key = key;

    public bool IsDefault => _key == Guid.Empty;

    public static ActivationId NewId() => new(Guid.NewGuid());

    public string ToParsableString() => _key.ToString("N");

    public static ActivationId FromParsableString(string activationId) => new(Guid.Parse(activationId));

    public bool Equals(ActivationId other) => _key == other._key;

    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    public override int GetHashCode() => _key.GetHashCode();

    public override string ToString() => $"@{_key:N}";

    public static bool operator ==(ActivationId left, ActivationId right) => left.Equals(right);

    public static bool operator !=(ActivationId left, ActivationId right) => !left.Equals(right);
}

/// <summary>The number of a membership view; it only grows.</summary>
public readonly struct MembershipVersion : IEquatable<MembershipVersion>, IComparable<MembershipVersion>
{
    public MembershipVersion(long version) => Value = version;

    public static MembershipVersion MinValue => new(long.MinValue);

    public long Value { get; init; }

    public int CompareTo(MembershipVersion other) => Value.CompareTo(other.Value);

    public bool Equals(MembershipVersion other) => Value == other.Value;

    public override bool Equals(object? obj) => obj is MembershipVersion other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    public static bool operator ==(MembershipVersion left, MembershipVersion right) => left.Value == right.Value;

    public static bool operator !=(MembershipVersion left, MembershipVersion right) => left.Value != right.Value;

    public static bool operator >=(MembershipVersion left, MembershipVersion right) => left.Value >= right.Value;

    public static bool operator <=(MembershipVersion left, MembershipVersion right) => left.Value <= right.Value;

    public static bool operator >(MembershipVersion left, MembershipVersion right) => left.Value > right.Value;

    public static bool operator <(MembershipVersion left, MembershipVersion right) => left.Value < right.Value;
}

/// <summary>Where an activation lives.</summary>
public sealed class GrainAddress : IEquatable<GrainAddress>
{
    public GrainId GrainId { get; init; }

    public ActivationId ActivationId { get; init; }

    public SiloAddress? SiloAddress { get; init; }

    public MembershipVersion MembershipVersion { get; init; } = MembershipVersion.MinValue;

    [MemberNotNullWhen(true, nameof(SiloAddress))]
    public bool IsComplete => !GrainId.IsDefault && !ActivationId.IsDefault && SiloAddress is not null;

    public bool Equals(GrainAddress? other) => other is not null && Matches(other) && MembershipVersion == other.MembershipVersion;

    /// <summary>Equality that ignores in which membership view the address was made.</summary>
    public bool Matches(GrainAddress? other) => other is not null && GrainId == other.GrainId && ActivationId == other.ActivationId
        && Equals(SiloAddress, other.SiloAddress);

    public override bool Equals(object? obj) => Equals(obj as GrainAddress);

    public override int GetHashCode() => HashCode.Combine(GrainId, ActivationId, SiloAddress);

    public override string ToString() => $"[{GrainId} {SiloAddress} {ActivationId}]";
}
