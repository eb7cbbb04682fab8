using Orleans.Metadata;

namespace Fabric.Tests.Engine;

public interface IGuidGrain : IGrainWithGuidKey
{
    Task<(Guid Key, string Id)> Who();
}

public sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<(Guid Key, string Id)> Who() => Task.FromResult((this.GetPrimaryKey(), this.GetGrainId().ToString()));
}

public interface INumberGrain : IGrainWithIntegerKey
{
    Task<(long Key, string Id)> Who();
}

[GrainType("counted-thing")]
public sealed class NumberGrain : Grain, INumberGrain
{
    public Task<(long Key, string Id)> Who() => Task.FromResult((this.GetPrimaryKeyLong(), this.GetGrainId().ToString()));
}

public interface ICompoundGrain : IGrainWithIntegerCompoundKey
{
    Task<(long Key, string? Extension)> Who();
}

public sealed class CompoundGrain : Grain, ICompoundGrain
{
    public Task<(long Key, string? Extension)> Who() => Task.FromResult((this.GetPrimaryKeyLong(out var extension), extension));
}

[DefaultGrainType("second-choice")]
public interface IManyGrain : IGrainWithStringKey
{
    Task<string> Class();
}

public sealed class FirstChoiceGrain : Grain, IManyGrain
{
    public Task<string> Class() => Task.FromResult(nameof(FirstChoiceGrain));
}

[GrainType("second-choice")]
public sealed class SecondChoiceGrain : Grain, IManyGrain
{
    public Task<string> Class() => Task.FromResult(nameof(SecondChoiceGrain));
}

public interface IBoxGrain<T> : IGrainWithStringKey
{
    Task Put(T value);

    Task<T?> Take();
}

public sealed class BoxGrain<T> : Grain, IBoxGrain<T>
{
    private T? _value;

    public Task Put(T value)
    {
        _value = value;
        return Task.CompletedTask;
    }

    public Task<T?> Take() => Task.FromResult(_value);
}

public interface IUnimplementedGrain : IGrainWithStringKey
{
    Task Never();
}

public sealed class KeyTests
{
    [Fact]
    public async Task An_integer_key_is_written_in_hexadecimal_digits()
    {
        await using var silo = await TestSilo.Start();
        Assert.Equal((255L, "counted-thing/FF"), await silo.Grains.GetGrain<INumberGrain>(255).Who());
        Assert.Equal((-1L, "counted-thing/FFFFFFFFFFFFFFFF"), await silo.Grains.GetGrain<INumberGrain>(-1).Who());
    }

    [Fact]
    public async Task A_guid_key_is_written_in_32_digits()
    {
        await using var silo = await TestSilo.Start();
        var key = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");
        Assert.Equal((key, "guid/0f8fad5bd9cb469fa16570867728950e"), await silo.Grains.GetGrain<IGuidGrain>(key).Who());
    }

    [Fact]
    public async Task A_compound_key_is_the_key_a_plus_sign_and_the_extension()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ICompoundGrain>(10, "east+1");
        Assert.Equal((10L, "east+1"), await grain.Who());
        Assert.Equal("compound/A+east+1", grain.GetGrainId().ToString());
    }

    [Fact]
    public void A_grain_id_survives_its_text_even_with_slashes_in_the_key()
    {
        var id = GrainId.Create("instance", "a/b/c");
        Assert.Equal(id, GrainId.Parse(id.ToString()));
        Assert.Equal("instance", GrainId.Parse("instance/a/b/c").Type.ToString());
        Assert.False(GrainId.TryParse("no-slash", out _));
    }

    [Fact]
    public void A_silo_address_survives_its_text()
    {
        var address = SiloAddress.New(System.Net.IPAddress.Parse("10.0.0.7"), 11111, 42);
        Assert.Equal("10.0.0.7:11111@42", address.ToParsableString());
        Assert.Equal(address, SiloAddress.FromParsableString(address.ToParsableString()));
    }

    [Fact]
    public async Task References_are_equal_by_grain_and_interface()
    {
        await using var silo = await TestSilo.Start();
        var one = silo.Grains.GetGrain<IEchoGrain>("x");
        var other = silo.Grains.GetGrain<IEchoGrain>("x");
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, silo.Grains.GetGrain<IEchoGrain>("y"));
        Assert.Equal(one, silo.Grains.GetGrain<IEchoGrain>(one.GetGrainId()));
    }

    [Fact]
    public async Task A_reference_to_a_grain_that_nobody_called_costs_no_activation()
    {
        await using var silo = await TestSilo.Start();
        _ = silo.Grains.GetGrain<IEchoGrain>("never called");
        Assert.Equal(0, silo.Runtime.Catalog.Count);
    }

    [Fact]
    public async Task Of_several_classes_the_interface_means_its_default_and_a_prefix_chooses_another()
    {
        await using var silo = await TestSilo.Start();
        Assert.Equal(nameof(SecondChoiceGrain), await silo.Grains.GetGrain<IManyGrain>("a").Class());
        Assert.Equal(nameof(FirstChoiceGrain), await silo.Grains.GetGrain<IManyGrain>("a", "Fabric.Tests.Engine.First").Class());
    }

    [Fact]
    public async Task An_interface_without_a_class_is_named_in_the_error()
    {
        await using var silo = await TestSilo.Start();
        var error = Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IUnimplementedGrain>("a"));
        Assert.Contains(nameof(IUnimplementedGrain), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generic_grains_are_one_kind_per_type_argument()
    {
        await using var silo = await TestSilo.Start();
        await silo.Grains.GetGrain<IBoxGrain<string>>("a").Put("text");
        await silo.Grains.GetGrain<IBoxGrain<int>>("a").Put(3);
        Assert.Equal("text", await silo.Grains.GetGrain<IBoxGrain<string>>("a").Take());
        Assert.Equal(3, await silo.Grains.GetGrain<IBoxGrain<int>>("a").Take());
        var id = silo.Grains.GetGrain<IBoxGrain<int>>("a").GetGrainId();
        Assert.Equal(3, await silo.Grains.GetGrain<IBoxGrain<int>>(GrainId.Parse(id.ToString())).Take());
    }
}
