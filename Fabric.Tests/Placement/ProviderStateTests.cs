using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;

namespace Fabric.Tests.Placement;

public sealed class ProviderStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_sequence_of_claims_and_releases_overbooks_a_provider()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var state = Provider(total: random.Next(1, 30), reserved: random.Next(0, 3), ratio: random.Next(1, 4));
            var model = new Dictionary<string, long>();
            for (var i = 0; i < 200; i++)
            {
                var consumer = "c" + random.Next(12);
                var amount = random.Next(0, 9);
                var next = state.Hold(consumer, Amount(amount), Now);
                var others = model.Where(entry => entry.Key != consumer).Sum(static entry => entry.Value);
                Assert.True(next is not null == (amount == 0 || others + amount <= state.Inventories["VCPU"].Capacity),
                    $"Seed {seed}, step {i}");
                if (next is null)
                    continue;
                state = next;
                model[consumer] = amount;
                Assert.Equal(model.Values.Sum(), state.Used().GetValueOrDefault("VCPU"));
            }
        }
    }

    [Fact]
    public void Every_change_is_one_generation_on()
    {
        var state = Provider(4);
        Assert.Equal(state.Generation + 1, state.Hold("c", Amount(1), Now)!.Generation);
    }

    [Fact]
    public void What_is_promised_is_kept_whatever_is_claimed_meanwhile()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var state = Provider(total: 20);
            for (var i = 0; i < 6; i++)
                state = state.Hold("c" + i, Amount(random.Next(0, 5)), Now) ?? state;
            var change = new ProviderChange
            {
                ChangeId = "1",
                Allocations = Enumerable.Range(0, 3).ToDictionary(static i => "c" + i, _ => Amount(random.Next(0, 8))),
                Inventories = random.Next(2) == 0 ? null : Provider(total: random.Next(5, 25)).Inventories,
            };
            try
            {
                state = state.Prepare(change, Now);
            }
            catch (Fault fault)
            {
                Assert.Equal(FaultKind.Conflict, fault.Kind);
                continue;
            }

            for (var i = 0; i < 10; i++)
                state = state.Hold("c" + random.Next(3, 9), Amount(random.Next(0, 9)), Now) ?? state;
            Assert.True(state.Used().GetValueOrDefault("VCPU") <= state.Inventories["VCPU"].Capacity, $"Seed {seed}: overbooked before");
            Assert.Throws<Fault>(() => state.Hold("c0", Amount(1), Now));
            var done = state.Commit("1", Now);
            var untouched = change.Inventories is not null && change.Allocations.Values.All(static one => one.Resources.Count == 0);
            Assert.True(untouched || done.Used().GetValueOrDefault("VCPU") <= done.Inventories["VCPU"].Capacity,
                $"Seed {seed}: overbooked after");
            Assert.Same(done, done.Commit("1", Now));
            Assert.Equal(state.Generation, state.Abort("1", Now).Generation);
        }
    }

    [Fact]
    public void A_class_that_is_promised_away_cannot_be_claimed()
    {
        var state = Provider(4).Prepare(new() { ChangeId = "1", Inventories = new Dictionary<string, Inventory>() }, Now);
        Assert.Null(state.Hold("c", Amount(1), Now));
        Assert.NotNull(state.Abort("1", Now).Hold("c", Amount(1), Now));
    }

    [Fact]
    public void A_class_that_somebody_holds_cannot_go()
    {
        var state = Provider(4).Hold("c", Amount(1), Now)!;
        Assert.Equal(FaultKind.Conflict, Assert.Throws<Fault>(() => state.WithInventories(new Dictionary<string, Inventory>(), Now)).Kind);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(10, false)]
    public void A_piece_must_have_an_allowed_size(int amount, bool fits) =>
        Assert.Equal(fits, new Inventory { Total = 100, MaxUnit = 8, StepSize = amount == 1 ? 1 : 2 }.Fits(0, amount));

    private static Allocation Amount(long amount) => new()
    {
        Resources = amount == 0 ? new Dictionary<string, long>() : new() { ["VCPU"] = amount },
        ProjectId = new("p"),
        UserId = new("u"),
    };

    private static ProviderState Provider(long total, long reserved = 0, double ratio = 1) => new()
    {
        Id = ResourceProviderId.New(),
        Name = "n",
        Inventories = new Dictionary<string,
            Inventory> { ["VCPU"] = new() { Total = total, Reserved = reserved, AllocationRatio = ratio } },
    };
}
