using System.Reflection;
using Fabric.Engine.Serialization;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Engine.Serialization;

/// <summary>The world of contracts is closed: whatever a grain takes or gives can be written, and comes back as it was.</summary>
public sealed class ContractCodecTests
{
    private static readonly CodecWorld World = new();

    [Fact]
    public void Every_argument_and_result_of_every_grain_has_a_codec()
    {
        var missing = Carried().Where(static type => !World.Codecs.Has(type)).Select(static type => type.ToString()).ToList();

        Assert.True(missing.Count == 0, $"No codec:\n{string.Join("\n", missing)}");
        Assert.True(Carried().Count() > 90, $"Only {Carried().Count()} types are carried: was the right assembly read?");
    }

    [Fact]
    public void Every_method_of_every_grain_can_be_named_in_a_message()
    {
        var known = CodecWorld.Requests.GroupBy(static entry => entry.Interface).ToDictionary(static group => group.Key,
            static group => group.Count());

        foreach (var contract in Contracts())
        {
            var methods = contract.GetInterfaces().Append(contract).SelectMany(static each => each.GetMethods()).Count();
            Assert.Equal(methods, known[Fabric.Engine.GrainTypes.InterfaceIdOf(contract).ToString()]);
        }
    }

    [Fact]
    public void No_two_methods_and_no_two_types_share_a_name()
    {
        Assert.Empty(CodecWorld.Requests.GroupBy(static entry => (entry.Interface, entry.Method))
            .Where(static group => group.Count() > 1).Select(static group => group.Key));
        Assert.Empty(CodecWorld.Types.Where(static entry => entry.Type.Assembly == typeof(Fault).Assembly)
            .GroupBy(static entry => entry.Name).Where(static group => group.Count() > 1).Select(static group => group.Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_a_contract_carries_comes_back_as_it_was(int seed)
    {
        var samples = new Samples(new Random(seed), World);
        var made = 0;
        foreach (var type in Carried().Concat(Generated()).Distinct())
        {
            if (samples.Make(type) is not { } value)
                continue;
            made++;
            var back = typeof(ContractCodecTests).GetMethod(nameof(RoundTrip), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type).Invoke(null, [value]);
            Assert.True(Samples.Difference(value, back) is not { } difference, $"{type}{Samples.Difference(value, back)} (seed {seed})");
        }

        Assert.True(made > 150, $"Only {made} types could be tried.");
    }

    private static object? RoundTrip<T>(T value) => World.RoundTrip(value);

    private static IEnumerable<Type> Generated() => CodecWorld.Types.Where(static entry =>
        entry.Type.Assembly == typeof(Fault).Assembly && !entry.Type.IsGenericTypeDefinition).Select(static entry => entry.Type);

    private static IEnumerable<Type> Contracts() => typeof(Fault).Assembly.GetTypes()
        .Where(static type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable)));

    private static IEnumerable<Type> Carried() => Contracts().SelectMany(static contract => contract.GetMethods())
        .Where(static method => !method.IsGenericMethod)
        .SelectMany(static method => method.GetParameters().Select(static each => each.ParameterType).Append(Result(method.ReturnType)))
        .Where(static type => type != typeof(CancellationToken) && type != typeof(void)).Distinct();

    private static Type Result(Type type) => type == typeof(Task) || type == typeof(ValueTask) ? typeof(void)
        : type.IsConstructedGenericType ? type.GetGenericArguments()[0] : type;
}
