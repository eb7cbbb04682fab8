using System.Collections.Concurrent;
using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>Silos that speak over TCP in this process, with one store of records and one probe for all of them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    // Long enough for a machine under load: what is not about leases must not be troubled by them.
    private static readonly MembershipSettings Patient = new()
    {
        Duration = TimeSpan.FromSeconds(60), Margin = TimeSpan.FromSeconds(1), Period = TimeSpan.FromMilliseconds(100),
    };

    private readonly ConcurrentDictionary<string, CuttableStore> _stores = [];

    private TestCluster(InProcessTestClusterBuilder builder, MembershipSettings settings,
        Action<InProcessTestSiloSpecificOptions, ISiloBuilder>? configure)
    {
        var shared = new InMemoryMembershipStore(TimeProvider.System);
        builder.ConfigureHost(host =>
        {
            host.Services.AddSingleton(Probe);
            host.Services.AddSingleton(settings);
        });
        builder.ConfigureClient(client => client.Services.AddSingleton<IMembershipStore>(shared));
        builder.ConfigureSilo((specific, silo) =>
        {
            silo.Services.AddSingleton<IMembershipStore>(_stores[specific.SiloName] = new CuttableStore(shared, LostJoins));
            silo.Services.AddSingleton<IGrainStorage>(Storage);
            silo.UseInMemoryReminderService();
            configure?.Invoke(specific, silo);
        });
        Cluster = builder.Build();
    }

    internal InProcessTestCluster Cluster { get; }

    internal Probe Probe { get; } = new();

    internal MemoryGrainStorage Storage { get; } = new();

    /// <summary>How many of its joins a silo that starts from now on has no answer to, though they were done.</summary>
    internal int LostJoins { get; set; }

    internal IClusterClient Client => Cluster.Client;

    internal IReadOnlyList<InProcessSiloHandle> Silos => Cluster.Silos;

    internal static async Task<TestCluster> Start(int silos, Action<InProcessTestSiloSpecificOptions, ISiloBuilder>? configure = null,
        MembershipSettings? settings = null)
    {
        var cluster = new TestCluster(new InProcessTestClusterBuilder((short)silos), settings ?? Patient, configure);
        await cluster.Cluster.DeployAsync();
        await cluster.Agreed();
        return cluster;
    }

    internal static SiloRuntime Runtime(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<SiloRuntime>();

    internal static IGrainFactory Grains(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<IGrainFactory>();

    /// <summary>The way of one silo to the membership store.</summary>
    internal CuttableStore StoreOf(InProcessSiloHandle silo) => _stores[silo.Name];

    /// <summary>Waits until all silos that run have the same view, with all of them in it, and have settled.</summary>
    internal Task Agreed() => Eventually.True(() =>
    {
        var runtimes = Silos.Select(Runtime).ToList();
        return runtimes.Select(runtime => runtime.Membership.Current.Version).Distinct().Count() == 1
            && runtimes.All(runtime => runtime.HandOver!.IsClear
                && runtime.Membership.Current.Active.Order().SequenceEqual(runtimes.Select(each => each.Address).Order()));
    }, "the silos agree on who they are", TimeSpan.FromSeconds(60));

    /// <summary>A key whose grain lives on this silo in the current view.</summary>
    internal string KeyOn(InProcessSiloHandle silo, string prefix = "grain") => Enumerable.Range(0, 10_000)
        .Select(number => $"{prefix}-{number}").First(key => Owner(silo, key).Equals(Runtime(silo).Address));

    /// <summary>Where a grain belongs, as this silo sees it.</summary>
    internal SiloAddress Owner(InProcessSiloHandle silo, string key) =>
        RendezvousHash.Choose(Client.GetGrain<IClusterGrain>(key).GetGrainId(), Runtime(silo).Membership.Current.Control);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

/// <summary>A store that a silo can be cut off from.</summary>
internal sealed class CuttableStore(IMembershipStore inner, int lostJoins) : IMembershipStore
{
    private volatile bool _cut;
    private int _lostJoins = lostJoins;

    internal bool IsCut
    {
        get => _cut;
        set => _cut = value;
    }

    public Task Initialize(CancellationToken token) => Reach().Initialize(token);

    public async Task<MembershipView> Join(SiloMember member, LeaseTerms terms, CancellationToken token)
    {
        var view = await Reach().Join(member, terms, token);
        return Interlocked.Decrement(ref _lostJoins) < 0 ? view : throw new TimeoutException("The answer was lost.");
    }

    public Task<MembershipView> SetStatus(SiloAddress silo, SiloStatus status, CancellationToken token) =>
        Reach().SetStatus(silo, status, token);

    public Task<Renewal> Renew(SiloAddress silo, LeaseTerms terms, CancellationToken token) => Reach().Renew(silo, terms, token);

    public Task<MembershipView> DeclareLapsedDead(SiloAddress by, LeaseTerms terms, CancellationToken token) =>
        Reach().DeclareLapsedDead(by, terms, token);

    public Task<MembershipView> Read(CancellationToken token) => Reach().Read(token);

    public Task RemoveDead(TimeSpan age, CancellationToken token) => Reach().RemoveDead(age, token);

    public Task Listen(Action changed, CancellationToken token) => Reach().Listen(() =>
    {
        if (!_cut)
            changed();
    }, token);

    public void GiveUpWaiting() => inner.GiveUpWaiting();

    private IMembershipStore Reach() => _cut ? throw new IOException("The store is out of reach.") : inner;
}
