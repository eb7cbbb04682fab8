using FsCheck;
using FsCheck.Fluent;

namespace Fabric.Tests.Kit;

/// <summary>What must hold for every input. A failure prints the smallest input found and the seed; <c>FABRIC_SEED=1234,5678</c> runs that
/// seed again.</summary>
internal static class Always
{
    /// <summary>Tries the assertions on inputs that the generator makes.</summary>
    internal static void Holds<T>(Gen<T> inputs, Action<T> assertions, int tests = 200)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(tests);
        if (Environment.GetEnvironmentVariable("FABRIC_SEED")?.Split(',') is [var seed, var gamma])
            config = config.WithReplay(ulong.Parse(seed), ulong.Parse(gamma));
        Check.One(config, Prop.ForAll(inputs.ToArbitrary(), assertions));
    }
}

/// <summary>The usual generators.</summary>
internal static class Pick
{
    /// <summary>One of these, with equal chances.</summary>
    internal static Gen<T> OneOf<T>(params T[] values) => Gen.Elements(values);

    /// <summary>A number from the first to the last, both included.</summary>
    internal static Gen<int> Number(int first, int last) => Gen.Choose(first, last);

    /// <summary>A list of at most so many.</summary>
    internal static Gen<List<T>> ListOf<T>(Gen<T> items, int most) =>
        Gen.Choose(0, most).SelectMany(count => items.ArrayOf(count)).Select(static array => array.ToList());
}
