using Orleans.Providers;
using Orleans.Storage;

namespace Fabric.Tests.Engine;

[GenerateSerializer]
[Immutable]
public sealed record Balance
{
    [Id(0)]
    public int Amount { get; init; } = 100;
}

public interface IAccountGrain : IGrainWithStringKey
{
    Task<(int Amount, bool Exists, Guid Activation)> Read();

    Task Add(int amount);

    Task Clear();

    /// <summary>Writes behind the back of the activation's own copy.</summary>
    Task WriteElsewhere(int amount);

    Task AddThrough(string other, int amount);
}

public sealed class AccountGrain([PersistentState("balance")] IPersistentState<Balance> balance, IGrainStorage storage) : Grain,
    IAccountGrain
{
    private readonly Guid _activation = Guid.NewGuid();
    private int _amountAtActivation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _amountAtActivation = balance.State.Amount;
        return Task.CompletedTask;
    }

    public Task<(int Amount, bool Exists, Guid Activation)> Read() =>
        Task.FromResult((balance.RecordExists ? balance.State.Amount : _amountAtActivation, balance.RecordExists, _activation));

    public async Task Add(int amount)
    {
        balance.State = new Balance { Amount = balance.State.Amount + amount };
        await balance.WriteStateAsync();
    }

    public Task Clear() => balance.ClearStateAsync();

    public async Task WriteElsewhere(int amount)
    {
        var other = new GrainState<Balance>(new Balance());
        await storage.ReadStateAsync("balance", this.GetGrainId(), other);
        other.State = new Balance { Amount = amount };
        await storage.WriteStateAsync("balance", this.GetGrainId(), other);
    }

    public Task AddThrough(string other, int amount) => GrainFactory.GetGrain<IAccountGrain>(other).Add(amount);
}

public interface IOldStyleGrain : IGrainWithStringKey
{
    Task<int> AddAndWrite(int amount);
}

[StorageProvider(ProviderName = "other")]
public sealed class OldStyleGrain : Grain<OldStyleState>, IOldStyleGrain
{
    public async Task<int> AddAndWrite(int amount)
    {
        State.Amount += amount;
        await WriteStateAsync();
        await ReadStateAsync();
        return State.Amount;
    }
}

public sealed class OldStyleState
{
    public int Amount { get; set; }
}

public interface IMisconfiguredGrain : IGrainWithStringKey
{
    Task Touch();
}

public sealed class MisconfiguredGrain([PersistentState("x", "no such store")] IPersistentState<Balance> state) : Grain, IMisconfiguredGrain
{
    public Task Touch() => Task.FromResult(state.State);
}

public sealed class StateTests
{
    [Fact]
    public async Task State_is_fresh_until_it_was_written_and_survives_its_activation()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IAccountGrain>("a");
        var (amount, exists, before) = await grain.Read();
        Assert.Equal((100, false), (amount, exists));
        await grain.Add(5);
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromHours(1));
        var (later, existsNow, after) = await grain.Read();
        Assert.Equal((105, true), (later, existsNow));
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task Cleared_state_is_fresh_again_and_can_be_written_anew()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IAccountGrain>("a");
        await grain.Add(5);
        await grain.Clear();
        Assert.False((await grain.Read()).Exists);
        await grain.Add(1);
        Assert.Equal(101, (await grain.Read()).Amount);
    }

    [Fact]
    public async Task A_write_conflict_that_escapes_a_call_ends_the_activation_and_the_next_call_reads_anew()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IAccountGrain>("a");
        await grain.Add(5);
        var before = (await grain.Read()).Activation;
        await grain.WriteElsewhere(1000);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Add(1));
        var (amount, _, after) = await grain.Read();
        Assert.Equal(1000, amount);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task A_write_conflict_does_not_end_the_callers_that_only_pass_it_on()
    {
        await using var silo = await TestSilo.Start();
        var caller = silo.Grains.GetGrain<IAccountGrain>("caller");
        var grain = silo.Grains.GetGrain<IAccountGrain>("a");
        await grain.Add(5);
        var before = (await caller.Read()).Activation;
        await grain.WriteElsewhere(1000);
        await Assert.ThrowsAsync<InconsistentStateException>(() => caller.AddThrough("a", 1));
        Assert.Equal(before, (await caller.Read()).Activation);
    }

    [Fact]
    public async Task The_old_style_of_state_uses_the_store_that_its_class_names()
    {
        await using var silo = await TestSilo.Start(builder => builder.AddMemoryGrainStorage("other"));
        Assert.Equal(3, await silo.Grains.GetGrain<IOldStyleGrain>("a").AddAndWrite(3));
        Assert.Equal(7, await silo.Grains.GetGrain<IOldStyleGrain>("a").AddAndWrite(4));
        Assert.Equal("Default", ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);
    }

    [Fact]
    public async Task A_store_that_is_not_configured_is_named_in_the_error()
    {
        await using var silo = await TestSilo.Start();
        var error = await Assert.ThrowsAsync<BadProviderConfigException>(() => silo.Grains.GetGrain<IMisconfiguredGrain>("a").Touch());
        Assert.Contains("no such store", error.Message, StringComparison.Ordinal);
    }
}
