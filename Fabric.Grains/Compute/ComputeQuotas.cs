namespace Fabric.Grains.Compute;

/// <summary>The resources that compute counts, under OpenStack's names, with nova's defaults (<c>nova/conf/quota.py</c>). Negative
/// means no limit.</summary>
public static class ComputeQuotas
{
    public const string Instances = "instances";
    public const string Cores = "cores";
    public const string Ram = "ram";
    public const string KeyPairs = "key_pairs";
    public const string MetadataItems = "metadata_items";
    public const string ServerGroups = "server_groups";
    public const string ServerGroupMembers = "server_group_members";

    /// <summary>The class whose limits hold for every project that has none of its own.</summary>
    public const string DefaultClass = "default";

    /// <summary>What holds when nobody said otherwise, in the order of nova's bodies. Those of networking are its own: without
    /// limit here.</summary>
    public static IReadOnlyList<(string Name, int Limit)> Defaults { get; } =
    [
        (Instances, 10),
        (Cores, 20),
        (Ram, 51_200),
        (MetadataItems, 128),
        ("injected_files", 5),
        ("injected_file_content_bytes", 10_240),
        ("injected_file_path_bytes", 255),
        (KeyPairs, 100),
        (ServerGroups, 10),
        (ServerGroupMembers, 10),
        ("fixed_ips", -1),
        ("floating_ips", -1),
        ("security_groups", -1),
        ("security_group_rules", -1),
    ];

    /// <summary>The defaults with what was set over them, later ones over earlier ones.</summary>
    public static IReadOnlyDictionary<string, int> Over(params IReadOnlyList<IReadOnlyDictionary<string, int>> changes)
    {
        var limits = Defaults.ToDictionary(static limit => limit.Name, static limit => limit.Limit, StringComparer.Ordinal);
        foreach (var (name, limit) in changes.SelectMany(static change => change))
            limits[name] = limit;
        return limits;
    }

    /// <summary>For each resource the lower limit of the two.</summary>
    internal static IReadOnlyDictionary<string, int> Lower(IReadOnlyDictionary<string, int> one, IReadOnlyDictionary<string, int> other) =>
        one.ToDictionary(static limit => limit.Key, limit => limit.Value < 0 ? other[limit.Key]
            : other[limit.Key] < 0 ? limit.Value : Math.Min(limit.Value, other[limit.Key]), StringComparer.Ordinal);

    /// <summary>How many of the servers asked for fit.</summary>
    internal static int Fits(IReadOnlyDictionary<string, int> limits, ComputeUsage used, QuotaClaim claim)
    {
        long fits = claim.Instances.Count;
        Narrow(limits[Instances], used.Instances, 1);
        Narrow(limits[Cores], used.Cores, claim.Vcpus);
        Narrow(limits[Ram], used.MemoryMiB, claim.MemoryMiB);
        return (int)fits;

        void Narrow(long limit, long inUse, long each)
        {
            if (limit >= 0 && each > 0)
                fits = Math.Min(fits, Math.Max(0, limit - inUse) / each);
        }
    }

    /// <summary>What of a claim does not fit, in nova's words; null when all fits.</summary>
    internal static string? Exceeded(IReadOnlyDictionary<string, int> limits, ComputeUsage used, ComputeUsage asked)
    {
        (string Name, long Asked, long Used)[] all =
        [
            (Cores, asked.Cores, used.Cores), (Instances, asked.Instances, used.Instances), (Ram, asked.MemoryMiB, used.MemoryMiB),
        ];
        var over = all.Where(one => limits[one.Name] >= 0 && one.Used + one.Asked > limits[one.Name]).ToArray();
        if (over.Length == 0)
            return null;
        string Join(Func<(string Name, long Asked, long Used), object> what) =>
            string.Join(", ", over.Select(one => Convert.ToString(what(one), System.Globalization.CultureInfo.InvariantCulture)));
        var names = Join(static one => one.Name);
        return $"Quota exceeded for {names}: Requested {Join(static one => one.Asked)}, but already used {Join(static one => one.Used)} of "
            + $"{Join(one => limits[one.Name])} {names}";
    }
}

/// <summary>What a project uses, or asks for.</summary>
[GenerateSerializer, Immutable, Alias("compute.usage")]
public sealed record ComputeUsage([property: Id(0)] int Instances, [property: Id(1)] long Cores, [property: Id(2)] long MemoryMiB)
{
    /// <summary>What so many servers of a flavor use.</summary>
    public static ComputeUsage Of(int servers, int vcpus, int memoryMiB) => new(servers, (long)servers * vcpus, (long)servers * memoryMiB);
}
