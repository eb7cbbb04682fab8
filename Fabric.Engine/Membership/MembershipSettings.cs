namespace Fabric.Engine;

/// <summary>
/// The times of membership. A killed silo is noticed after Duration and half a Period on average, so its grains answer elsewhere within
/// five seconds; six renewals may fail before a silo loses its lease.
/// </summary>
internal sealed record MembershipSettings
{
    /// <summary>From each renewal, on the store's clock.</summary>
    internal TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(3500);

    /// <summary>By so much a silo stops before its lease ends: what its clock and the store's may differ by in one lease.</summary>
    internal TimeSpan Margin { get; init; } = TimeSpan.FromMilliseconds(350);

    /// <summary>Between renewals.</summary>
    internal TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the store may take for one answer.</summary>
    internal TimeSpan StoreLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>See <see cref="IMembershipStore.DeclareLapsedDead"/>. Longer than a reconnect after an outage takes.</summary>
    internal TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a joining silo tries to reach the others before it starts without.</summary>
    internal TimeSpan ConnectLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a silo that starts tries to join. As long as a database takes to come back after a crash.</summary>
    internal TimeSpan JoinLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the dead are kept, for people to see.</summary>
    internal TimeSpan DeadKept { get; init; } = TimeSpan.FromDays(7);

    internal LeaseTerms Terms => new(Duration, Grace);
}
