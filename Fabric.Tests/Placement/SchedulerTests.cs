using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;

namespace Fabric.Tests.Placement;

public sealed class SchedulerTests
{
    [Fact]
    public void A_full_node_is_never_proposed() => Property((nodes, request, _) =>
    {
        foreach (var node in Scheduler.Propose(nodes, request, Random.Shared))
        {
            foreach (var (name, amount) in NodeResources.Of(request))
                Assert.True(node.Inventories[name].Fits(node.Used.GetValueOrDefault(name), amount),
                    $"{node.NodeName} has no room of {name}");
        }
    });

    [Fact]
    public void Proposals_are_exactly_the_nodes_that_no_filter_names() => Property((nodes, request, _) =>
    {
        var left = Scheduler.Explain(nodes, request).Select(static entry => entry.NodeName).ToHashSet();
        var proposed = Scheduler.Propose(nodes, request, Random.Shared).Select(static node => node.NodeName).ToHashSet();
        Assert.Equal(nodes.Select(static node => node.NodeName).Where(name => !left.Contains(name)).ToHashSet(), proposed);
    });

    [Fact]
    public void The_emptiest_node_comes_first()
    {
        var nodes = new[] { Node("a", used: 3), Node("b", used: 0), Node("c", used: 7) };
        Assert.Equal(["b", "a", "c"], Scheduler.Propose(nodes, Request(), new Random(1)).Select(static node => node.NodeName));
    }

    [Fact]
    public void Equal_nodes_share_the_first_place()
    {
        var nodes = Enumerable.Range(0, 8).Select(static i => Node("n" + i)).ToArray();
        var random = new Random(1);
        var firsts = Enumerable.Range(0, 400).Select(_ => Scheduler.Propose(nodes, Request(), random)[0].NodeName).Distinct();
        Assert.Equal(8, firsts.Count());
    }

    [Fact]
    public void A_node_that_is_not_usable_is_left_out_and_named() =>
        Assert.Equal([("a", "ComputeFilter")], Scheduler.Explain([Node("a") with { Usable = false }], Request()));

    [Fact]
    public void A_required_trait_must_be_there_and_a_forbidden_one_must_not()
    {
        var nodes = new[] { Node("a") with { Traits = ["HW_CPU_X86_AVX2"] }, Node("b") };
        Assert.Equal(["a"], Names(nodes, Request() with { RequiredTraits = ["HW_CPU_X86_AVX2"] }));
        Assert.Equal(["b"], Names(nodes, Request() with { ForbiddenTraits = ["HW_CPU_X86_AVX2"] }));
    }

    [Fact]
    public void A_forced_host_passes_by_every_filter() =>
        Assert.Equal(["a"], Names([Node("a") with { Usable = false }, Node("b")], Request() with { ForcedHost = "a" }));

    private static IEnumerable<string> Names(NodePicture[] nodes, ResourceRequest request) =>
        Scheduler.Propose(nodes, request, Random.Shared).Select(static node => node.NodeName);

    private static void Property(Action<NodePicture[], ResourceRequest, Random> check)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var nodes = Enumerable.Range(0, random.Next(0, 12)).Select(n => Node(
                "n" + n, random.Next(0, 12), random.Next(1, 9))
                    with { Usable = random.Next(4) > 0, AvailabilityZone = "z" + random.Next(2) }).ToArray();
            var request = Request() with
            {
                Vcpus = random.Next(1, 9),
                MemoryMiB = 512 * random.Next(1, 9),
                DiskGiB = random.Next(0, 40),
                AvailabilityZone = random.Next(2) == 0 ? null : "z0",
                ExcludedHosts = random.Next(2) == 0 ? [] : ["n0"],
            };
            try
            {
                check(nodes, request, random);
            }
            catch (Xunit.Sdk.XunitException error)
            {
                Assert.Fail($"Seed {seed}, case {i}: {error.Message}");
            }
        }
    }

    private static NodePicture Node(string name, int used = 0, int size = 8) => new()
    {
        NodeName = name,
        ProviderId = ResourceProviderId.New(),
        AvailabilityZone = "nova",
        Usable = true,
        Inventories = new Dictionary<string, Inventory>
        {
            [NodeResources.Vcpu] = new() { Total = size },
            [NodeResources.MemoryMb] = new() { Total = size * 1024 },
            [NodeResources.DiskGb] = new() { Total = size * 10 },
        },
        Used = new Dictionary<string, long>
        {
            [NodeResources.Vcpu] = Math.Min(size, used),
            [NodeResources.MemoryMb] = Math.Min(size, used) * 1024,
        },
    };

    private static ResourceRequest Request() => new() { Vcpus = 1, MemoryMiB = 512, DiskGiB = 1, ProjectId = new("p"), UserId = new("u") };
}
