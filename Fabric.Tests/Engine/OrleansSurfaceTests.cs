using System.Reflection;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Engine;

/// <summary>
/// Grain code must compile against the real packages: what we offer under an Orleans name must be there, with the same signature.
/// </summary>
public sealed class OrleansSurfaceTests
{
    private static readonly PublicSurface Ours = PublicSurface.Of(typeof(Grain).Assembly.Location);

    private static readonly IReadOnlyDictionary<string, SurfaceType> Genuine =
        new[] { PackageAssembly("Orleans.Core.Abstractions"), PackageAssembly("Orleans.TestingHost") }
            .SelectMany(path => PublicSurface.Of(path).Types).ToDictionary();

    [Fact]
    public void Every_member_of_ours_stands_with_the_same_signature_in_Orleans()
    {
        var wrong = new List<string>();
        var compared = 0;
        foreach (var ours in OrleansTypes())
        {
            if (!Genuine.TryGetValue(ours.Name, out var genuine))
                continue;
            compared++;
            wrong.AddRange(ours.Members.Where(member => !genuine.Members.Contains(member)).Select(member => $"{ours.Name}: {member}"));
            wrong.AddRange(ours.Interfaces.Where(each => !genuine.Interfaces.Contains(each))
                .Select(each => $"{ours.Name} implements {each}"));
            if (ours.Shape != genuine.Shape)
                wrong.Add($"{ours.Name} is {ours.Shape}, there {genuine.Shape}");
            if (ours.Base != genuine.Base)
                wrong.Add($"{ours.Name} derives from {ours.Base}, there from {genuine.Base}");
        }

        Assert.True(compared > 80, $"Only {compared} types have a genuine counterpart: was the right assembly read?");
        Assert.True(wrong.Count == 0, $"Not so in Orleans:\n{string.Join("\n", wrong)}");
    }

    /// <summary>They live in packages that cannot be fetched here: read them with care, there is no other check.</summary>
    [Fact]
    public void Types_that_cannot_be_compared_change_only_knowingly() => Golden.Match(
        "uncomparable-types.txt",
        string.Join("\n", OrleansTypes().Select(type => type.Name).Where(name => !Genuine.ContainsKey(name))
            .Order(StringComparer.Ordinal)) + "\n");

    private static IEnumerable<SurfaceType> OrleansTypes() =>
        Ours.Types.Values.Where(type => type.Name.StartsWith("Orleans.", StringComparison.Ordinal)
            || type.Name.StartsWith("Microsoft.", StringComparison.Ordinal));

    private static string PackageAssembly(string name)
    {
        var metadata = typeof(OrleansSurfaceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .ToDictionary(each => each.Key, each => each.Value!);
        return Path.Combine(metadata["NuGetPackageRoot"], $"microsoft.{name.ToLowerInvariant()}", metadata["OrleansVersion"], "lib",
            "net10.0", name + ".dll");
    }
}
