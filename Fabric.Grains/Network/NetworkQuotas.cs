using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>How much a project may have; the key is the project's id.</summary>
[Alias("network.quota")]
public interface INetworkQuotaGrain : IGrainWithStringKey
{
    /// <summary>Sets aside room for so many more, until <see cref="Settle"/> or for a minute. What is set aside counts as used.</summary>
    /// <exception cref="Fault">OverQuota.</exception>
    [Alias("Claim")]
    Task<long> Claim(string resource, int count);

    /// <summary>What was set aside was made, or will not be made: from now on the records count.</summary>
    [Alias("Settle")]
    Task Settle(long claim);

    /// <summary>The limits; -1 is none.</summary>
    [Alias("Limits")]
    Task<IReadOnlyDictionary<string, int>> Limits();

    /// <summary>What is used and what is set aside, by resource.</summary>
    [Alias("Usage")]
    Task<IReadOnlyDictionary<string, QuotaUsage>> Usage();

    /// <summary>Sets limits, durably.</summary>
    [Alias("Set")]
    Task Set(IReadOnlyDictionary<string, int> limits);

    /// <summary>Back to the defaults, durably.</summary>
    [Alias("Reset")]
    Task Reset();
}

/// <summary>One resource's use.</summary>
[GenerateSerializer, Immutable, Alias("network.quota-usage")]
public sealed record QuotaUsage([property: Id(0)] int Limit, [property: Id(1)] int Used, [property: Id(2)] int Reserved);

/// <summary>A project's limits where they are not the defaults.</summary>
[GenerateSerializer, Immutable, Alias("network.quota-state")]
public sealed record NetworkQuotaState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "network-quota";

    [Id(0)] public ProjectId ProjectId { get; init; }
    [Id(1)] public IReadOnlyDictionary<string, int> Limits { get; init; } = new Dictionary<string, int>();
    [Id(2)] public DateTimeOffset CreatedAt { get; init; }
    [Id(3)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { ProjectId = ProjectId.Text, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>The resources that are counted, and how many of each a project may have when nobody said otherwise (source:
/// <c>neutron/conf/quota.py</c>).</summary>
public static class NetworkQuotas
{
    public const string Network = "network";
    public const string Subnet = "subnet";
    public const string Port = "port";
    public const string Router = "router";
    public const string FloatingIp = "floatingip";
    public const string SecurityGroup = "security_group";
    public const string SecurityGroupRule = "security_group_rule";

    /// <summary>The defaults.</summary>
    public static readonly IReadOnlyDictionary<string, int> Defaults = new Dictionary<string, int>
    {
        [Network] = 100,
        [Subnet] = 100,
        [Port] = 500,
        [Router] = 10,
        [FloatingIp] = 50,
        [SecurityGroup] = 10,
        [SecurityGroupRule] = 100,
    };
}

/// <summary>A project's networking quota. Counts come from the index; what is being made meanwhile is remembered here, so that requests
/// that come together
/// do not each find the last place free.</summary>
[GrainType("network.quota")]
internal sealed class NetworkQuotaGrain(
    [PersistentState(NetworkQuotaState.Kind)] IPersistentState<NetworkQuotaState> record,
    IResourceIndex index,
    TimeProvider time) : Grain, INetworkQuotaGrain
{
    private static readonly TimeSpan ClaimLife = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, (string Resource, int Count, long Since)> claims = [];
    private long lastClaim;

    private string Project => this.GetPrimaryKeyString();

    public async Task<long> Claim(string resource, int count)
    {
        var limit = Limit(resource);
        foreach (var stale in claims.Where(claim => time.GetElapsedTime(claim.Value.Since) > ClaimLife).ToArray())
            claims.Remove(stale.Key);
        if (limit >= 0 && await Used(resource) + Reserved(resource) + count > limit)
            throw NetworkFaults.OverQuota([resource]);
        claims[++lastClaim] = (resource, count, time.GetTimestamp());
        return lastClaim;
    }

    public Task Settle(long claim)
    {
        claims.Remove(claim);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<string, int>> Limits() => Task.FromResult<IReadOnlyDictionary<string, int>>(
        NetworkQuotas.Defaults.Keys.ToDictionary(static resource => resource, Limit));

    public async Task<IReadOnlyDictionary<string, QuotaUsage>> Usage()
    {
        var usage = new Dictionary<string, QuotaUsage>();
        foreach (var resource in NetworkQuotas.Defaults.Keys)
            usage[resource] = new(Limit(resource), await Used(resource), Reserved(resource));
        return usage;
    }

    public async Task Set(IReadOnlyDictionary<string, int> limits)
    {
        var now = time.GetUtcNow();
        var all = new Dictionary<string, int>(record.State.Limits);
        foreach (var (resource, limit) in limits)
            all[resource] = limit;
        await record.Save(new()
        {
            ProjectId = new(Project),
            Limits = all,
            CreatedAt = record.RecordExists ? record.State.CreatedAt : now,
            UpdatedAt = now,
        });
    }

    public async Task Reset()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
    }

    private int Limit(string resource) =>
        record.RecordExists && record.State.Limits.TryGetValue(resource, out var limit) ? limit : NetworkQuotas.Defaults[resource];

    private int Reserved(string resource) => claims.Values.Where(claim => claim.Resource == resource).Sum(static claim => claim.Count);

    private async Task<int> Used(string resource) => resource switch
    {
        NetworkQuotas.Network => await Count(NetworkState.Kind),
        NetworkQuotas.Port => await Count(PortState.Kind),
        NetworkQuotas.Router => await Count(RouterState.Kind),
        NetworkQuotas.FloatingIp => await Count(FloatingIpState.Kind),
        NetworkQuotas.SecurityGroup => await Count(SecurityGroupState.Kind),
        NetworkQuotas.Subnet => (await List<NetworkState>(NetworkState.Kind)).Sum(static network => network.Subnets.Count),
        NetworkQuotas.SecurityGroupRule => (await List<SecurityGroupState>(SecurityGroupState.Kind)).Sum(static group => group.Rules.Count),
        _ => throw new ArgumentOutOfRangeException(nameof(resource), resource, "No such quota."),
    };

    private Task<int> Count(string kind) => index.Count(new(kind) { ProjectId = Project }, CancellationToken.None);

    private Task<IReadOnlyList<T>> List<T>(string kind)
        where T : class => index.List<T>(new(kind) { ProjectId = Project }, CancellationToken.None);
}
