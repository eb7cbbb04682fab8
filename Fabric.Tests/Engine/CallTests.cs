using Orleans.Runtime;

namespace Fabric.Tests.Engine;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<string> Echo(string text);

    Task<string> Key();

    ValueTask<int> Add(int left, int right);

    Task Throw(string message);

    Task<T> Generic<T>(T value);
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<string> Echo(string text) => Task.FromResult(text);

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public ValueTask<int> Add(int left, int right) => ValueTask.FromResult(left + right);

    public async Task Throw(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task<T> Generic<T>(T value) => Task.FromResult(value);
}

public sealed class CallTests
{
    [Fact]
    public async Task A_call_brings_its_arguments_to_the_grain_and_its_result_back()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IEchoGrain>("a");
        Assert.Equal("hello", await grain.Echo("hello"));
        Assert.Equal(5, await grain.Add(2, 3));
        Assert.Equal("a", await grain.Key());
        Assert.Equal(7L, await grain.Generic(7L));
    }

    [Fact]
    public async Task What_a_grain_throws_reaches_its_caller()
    {
        await using var silo = await TestSilo.Start();
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Grains.GetGrain<IEchoGrain>("a").Throw("because"));
        Assert.Equal("because", thrown.Message);
    }
}
