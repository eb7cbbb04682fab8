using System.Collections.Immutable;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>The store of silos that live in one process: for tests, with the very rules of the database.</summary>
internal sealed class InMemoryMembershipStore(TimeProvider time) : IMembershipStore
{
    private readonly Lock _gate = new();
    private readonly List<Row> _rows = [];
    private event Action? Changed;
    private long _version;

    public Task Initialize(CancellationToken token) => Task.CompletedTask;

    public Task<MembershipView> Join(SiloMember member, LeaseTerms terms, CancellationToken token)
    {
        lock (_gate)
        {
            if (_rows.Exists(row => row.Member.Address.Equals(member.Address) || row.Member.Address.IsSuccessorOf(member.Address)))
                throw new OrleansException($"{member.Address} has been here already.");
            foreach (var row in _rows.Where(row => row.Member.Address.IsPredecessorOf(member.Address) && row.IsAlive))
                row.Die(Now);
            _rows.Add(new Row(member with { Status = SiloStatus.Joining }, Now, Now + terms.Duration));
            return Bumped();
        }
    }

    public Task<MembershipView> SetStatus(SiloAddress silo, SiloStatus status, CancellationToken token)
    {
        lock (_gate)
        {
            var row = _rows.Find(row => row.Member.Address.Equals(silo) && row.IsAlive);
            if (row is null)
                return Task.FromResult(View());
            if (status == SiloStatus.Dead)
                row.Die(Now);
            else
                row.Member = row.Member with { Status = status };
            return Bumped();
        }
    }

    public Task<Renewal> Renew(SiloAddress silo, LeaseTerms terms, CancellationToken token)
    {
        lock (_gate)
        {
            var row = _rows.Find(row => row.Member.Address.Equals(silo) && row.IsAlive);
            if (row is null)
                return Task.FromResult(new Renewal(true, new MembershipVersion(_version), false));
            if (row.Until < Now)
                row.Since = Now;
            row.Until = Now + terms.Duration;
            return Task.FromResult(new Renewal(false, new MembershipVersion(_version),
                _rows.Exists(each => each.IsAlive && each.Until < Now), Now, row.Until));
        }
    }

    public Task<MembershipView> DeclareLapsedDead(SiloAddress by, LeaseTerms terms, CancellationToken token)
    {
        lock (_gate)
        {
            var judge = _rows.Find(row => row.Member.Address.Equals(by) && row.IsAlive);
            if (judge is null || judge.Until < Now || judge.Since + terms.Grace > Now)
                return Task.FromResult(View());
            var lapsed = _rows.Where(row => row.IsAlive && row.Until < Now).ToList();
            lapsed.ForEach(row => row.Die(Now));
            return lapsed.Count == 0 ? Task.FromResult(View()) : Bumped();
        }
    }

    public Task<MembershipView> Read(CancellationToken token)
    {
        lock (_gate)
            return Task.FromResult(View());
    }

    public Task RemoveDead(TimeSpan age, CancellationToken token)
    {
        lock (_gate)
        {
            if (_rows.RemoveAll(row => row.DiedAt is { } died && died + age < Now) > 0)
                return Bumped();
            return Task.CompletedTask;
        }
    }

    public async Task Listen(Action changed, CancellationToken token)
    {
        Changed += changed;
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(false);
        }
        finally
        {
            Changed -= changed;
        }
    }

    public void GiveUpWaiting()
    {
        // Nothing ever hangs here.
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private Task<MembershipView> Bumped()
    {
        _version++;
        var view = View();
        ThreadPool.UnsafeQueueUserWorkItem(static store => store.Changed?.Invoke(), this, preferLocal: false);
        return Task.FromResult(view);
    }

    private MembershipView View() => new(new MembershipVersion(_version), [.. _rows.Select(row => row.Member)]);

    private sealed class Row(SiloMember member, DateTimeOffset since, DateTimeOffset until)
    {
        internal SiloMember Member { get; set; } = member;

        internal DateTimeOffset Since { get; set; } = since;

        internal DateTimeOffset Until { get; set; } = until;

        internal DateTimeOffset? DiedAt { get; private set; }

        internal bool IsAlive => DiedAt is null;

        internal void Die(DateTimeOffset at)
        {
            Member = Member with { Status = SiloStatus.Dead };
            DiedAt = at;
        }
    }
}
