using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>What a store says to a renewal.</summary>
/// <param name="IsDead">This silo was declared dead, or its row is gone: it must not act any more.</param>
/// <param name="Version">The version of the view, to be read when it is new.</param>
/// <param name="SomeLapsed">There are silos whose lease is over.</param>
/// <param name="Now">The time on the store's clock at some moment between question and answer.</param>
/// <param name="Until">When this silo's lease ends, on the store's clock.</param>
internal readonly record struct Renewal(bool IsDead, MembershipVersion Version, bool SomeLapsed, DateTimeOffset Now = default,
    DateTimeOffset Until = default);

/// <summary>How long things may take.</summary>
/// <param name="Duration">How long a lease lasts from each renewal, on the store's clock.</param>
/// <param name="Grace">How long a silo must have held its own lease without a gap before it may declare others dead.</param>
internal readonly record struct LeaseTerms(TimeSpan Duration, TimeSpan Grace);

/// <summary>
/// Where silos meet: a row per silo with a lease on the store's own clock, and a version that grows with every change of the view. All
/// changes of one cluster stand in one order. Whoever cannot reach the store gets an exception and knows nothing new.
/// </summary>
internal interface IMembershipStore
{
    /// <summary>Makes what it needs, unless it is there.</summary>
    Task Initialize(CancellationToken token);

    /// <summary>Enters a silo as joining, with a lease. Earlier lives on the same endpoint are dead from here on.</summary>
    Task<MembershipView> Join(SiloMember member, LeaseTerms terms, CancellationToken token);

    /// <summary>Changes where a silo stands in its life; dead silos stay dead. Gives the view after it.</summary>
    Task<MembershipView> SetStatus(SiloAddress silo, SiloStatus status, CancellationToken token);

    /// <summary>Prolongs a lease, unless the silo is dead. A lease that had lapsed begins anew.</summary>
    Task<Renewal> Renew(SiloAddress silo, LeaseTerms terms, CancellationToken token);

    /// <summary>
    /// Declares the silos dead whose lease is over, in one act. Only a silo with a lease may, and only against those who could have renewed
    /// theirs: it must have held its own without a gap for the grace, so that after an outage of the store nobody is declared dead before
    /// everybody had the time to come back.
    /// </summary>
    Task<MembershipView> DeclareLapsedDead(SiloAddress by, LeaseTerms terms, CancellationToken token);

    Task<MembershipView> Read(CancellationToken token);

    /// <summary>Forgets silos that have been dead for so long.</summary>
    Task RemoveDead(TimeSpan age, CancellationToken token);

    /// <summary>Calls back when the view may have changed, until cancelled. An aid to speed; renewals bring the version too.</summary>
    Task Listen(Action changed, CancellationToken token);

    /// <summary>An answer is not waited for any longer. What it hangs on is not used again.</summary>
    void GiveUpWaiting();
}

/// <summary>How a store is asked.</summary>
internal static class MembershipStoreCalls
{
    /// <summary>
    /// Asks, and waits no longer than the store may take. The question is left alone then, not cancelled: Npgsql blocks a thread without
    /// end to tell a server that stands still that nobody wants the answer, and a silo without threads sends no pings either.
    /// </summary>
    internal static async Task<T> Ask<T>(this IMembershipStore store, MembershipSettings settings,
        Func<IMembershipStore, Task<T>> question, CancellationToken token)
    {
        try
        {
            return await Task.Run(() => question(store), token).WaitAsync(settings.StoreLimit, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            store.GiveUpWaiting();
            throw;
        }
    }
}
