using System.Collections.Immutable;
using Fabric.Engine;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Fabric.Tests.Engine;

/// <summary>Grains whose key is a host's name live on the silo of that host.</summary>
public sealed class PinnedToHost : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class PinnedToHostAttribute() : PlacementAttribute(new PinnedToHost());

public sealed class PinnedToHostDirector(ISiloMetadataCache metadata, Probe probe) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var host = target.GrainIdentity.Key.ToString();
        probe.Note($"placing {host}");
        var silo = context.GetCompatibleSilos(target)
            .FirstOrDefault(each => metadata.GetSiloMetadata(each).Metadata.GetValueOrDefault("host") == host);
        return Task.FromResult(silo ?? throw new SiloUnavailableException($"No silo on host {host}."));
    }
}

public interface IPinnedGrain : IGrainWithStringKey
{
    Task<string> Silo();
}

[PinnedToHost]
public sealed class PinnedGrain : Grain, IPinnedGrain
{
    public Task<string> Silo() => Task.FromResult(RuntimeIdentity);
}

[PreferLocalPlacement]
public sealed class LocalGrain : Grain, ILocalGrain
{
    public Task<string> Silo() => Task.FromResult(RuntimeIdentity);
}

public interface ILocalGrain : IGrainWithStringKey
{
    Task<string> Silo();
}

public sealed class PlacementTests
{
    private static SiloAddress[] Silos(int count) =>
        [.. Enumerable.Range(1, count).Select(number => SiloAddress.New(System.Net.IPAddress.Parse($"10.0.0.{number}"), 11111, number))];

    private static GrainId[] Ids(int count) => [.. Enumerable.Range(0, count).Select(number => GrainId.Create("instance", $"{number}"))];

    [Fact]
    public void The_rendezvous_hash_gives_every_silo_its_share_whatever_the_order_of_the_list()
    {
        var silos = Silos(5);
        var shares = Ids(50_000).GroupBy(id => RendezvousHash.Choose(id, silos)).ToDictionary(group => group.Key, group => group.Count());
        Assert.All(silos, silo => Assert.InRange(shares[silo], 9_000, 11_000));
        var reversed = silos.Reverse().ToArray();
        Assert.All(Ids(1_000), id => Assert.Equal(RendezvousHash.Choose(id, silos), RendezvousHash.Choose(id, reversed)));
    }

    [Fact]
    public void When_a_silo_leaves_only_its_own_grains_move_and_when_one_comes_only_those_it_wins()
    {
        var six = Silos(6);
        var five = six[..5];
        var moved = 0;
        foreach (var id in Ids(20_000))
        {
            var (before, after) = (RendezvousHash.Choose(id, five), RendezvousHash.Choose(id, six));
            Assert.True(after.Equals(before) || after.Equals(six[5]));
            moved += after.Equals(before) ? 0 : 1;
        }

        Assert.InRange(moved, 20_000 / 6 * 9 / 10, 20_000 / 6 * 11 / 10);
    }

    [Fact]
    public async Task A_director_of_ones_own_places_by_key_and_silo_metadata()
    {
        await using var silo = await TestSilo.Start(builder => builder
            .UseSiloMetadata(new Dictionary<string, string> { ["host"] = "node-1" })
            .AddPlacementDirector<PinnedToHost, PinnedToHostDirector>());
        Assert.Equal(silo.Runtime.Address.ToString(), await silo.Grains.GetGrain<IPinnedGrain>("node-1").Silo());
        await silo.Grains.GetGrain<IPinnedGrain>("node-1").Silo();
        Assert.Equal(["placing node-1"], silo.Probe.Log);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => silo.Grains.GetGrain<IPinnedGrain>("node-2").Silo());
    }

    [Fact]
    public async Task A_grain_that_belongs_to_another_silo_is_handed_to_the_transport()
    {
        var transport = new Sent();
        await using var silo = await TestSilo.Start(builder => builder.Services.AddSingleton<IMessageTransport>(transport));
        var other = Silos(1)[0];
        silo.Runtime.Membership.Set(new SiloMember(other, SiloStatus.Active, SiloMetadata.Empty, "other"));
        var keys = Enumerable.Range(0, 100).Select(number => $"{number}").ToArray();
        await Task.WhenAll(keys.Select(key => silo.Grains.GetGrain<IEchoGrain>(key).Echo("x")));
        var expected = keys.Where(key => RendezvousHash.Choose(silo.Grains.GetGrain<IEchoGrain>(key).GetGrainId(),
            silo.Runtime.Membership.Current.Active).Equals(other));
        Assert.Equal(expected, transport.Keys.Order(StringComparer.Ordinal).OrderBy(int.Parse));
        Assert.InRange(transport.Keys.Count, 20, 80);
        // Nothing remembers where a grain would rather be: it has the one place that every silo knows.
        var local = silo.Grains.GetGrain<ILocalGrain>("local");
        var home = RendezvousHash.Choose(local.GetGrainId(), silo.Runtime.Membership.Current.Active);
        Assert.Equal(home.Equals(other) ? "far" : home.ToString(), await local.Silo());
    }

    [Fact]
    public void Of_two_views_the_later_one_stands()
    {
        var membership = new ClusterMembership();
        var silos = Silos(2).Select(address => new SiloMember(address, SiloStatus.Active, SiloMetadata.Empty, "s")).ToImmutableArray();
        Assert.True(membership.Replace(new MembershipView(new MembershipVersion(5), silos)));
        Assert.False(membership.Replace(new MembershipView(new MembershipVersion(4), [])));
        Assert.Equal(2, membership.Current.Active.Length);
    }

    /// <summary>Answers at once, and remembers whom it was asked to reach.</summary>
    private sealed class Sent : IMessageTransport
    {
        internal List<string> Keys { get; } = [];

        public void Send(SiloAddress silo, Fabric.Engine.CodeGeneration.GrainRequest request)
        {
            lock (Keys)
                Keys.Add(request.TargetId.Key.ToString());
            request.AnswerBoxed("far");
        }
    }
}
