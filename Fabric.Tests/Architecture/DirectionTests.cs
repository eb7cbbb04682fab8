using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Fabric.Tests.Architecture;

/// <summary>Who may know whom. Read from the assemblies' metadata, so a type that is only mentioned counts too.</summary>
public sealed class DirectionTests
{
    /// <summary>The projects that each project may use.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Fabric.Engine"] = [],
        ["Fabric.Hosting"] = ["Fabric.Engine"],
        ["Fabric.Grains"] = ["Fabric.Engine"],
        ["Fabric.Gateway"] = ["Fabric.Engine", "Fabric.Grains", "Fabric.Hosting"],
        ["Fabric.NodeAgent"] = ["Fabric.Engine", "Fabric.Grains", "Fabric.Hosting"],
        ["Fabric.Silo"] = ["Fabric.Engine", "Fabric.Grains", "Fabric.Hosting", "Fabric.Gateway", "Fabric.NodeAgent"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_knows_only_those_below_it(string project) =>
        Assert.Empty(References(Assembly.Load(project)).Except(Allowed[project]));

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_engine_is_used_through_the_Orleans_api_alone(string project)
    {
        if (project != "Fabric.Engine")
            Assert.DoesNotContain(TypesUsed(project), GoesPastTheApi);
    }

    [Fact]
    public void The_node_agent_knows_only_the_kernel_and_the_nodes_of_the_grains() =>
        Assert.DoesNotContain(TypesUsed("Fabric.NodeAgent"), KnowsAService);

    [Fact]
    public void The_domain_knows_no_web_server_and_starts_no_process() =>
        Assert.DoesNotContain(TypesUsed("Fabric.Grains"), LeavesTheDomain);

    [Fact]
    public void These_rules_see_what_they_look_for()
    {
        // The tests themselves break most of them.
        Assert.Contains("Fabric.Silo", References(typeof(DirectionTests).Assembly));
        var used = TypesUsed("Fabric.Tests").ToList();
        Assert.Contains(used, KnowsAService);
        Assert.Contains(used, LeavesTheDomain);
        Assert.True(GoesPastTheApi(("Fabric.Engine", "Fabric.Engine", "SiloRuntime")));
        Assert.False(GoesPastTheApi(("Fabric.Engine", "Orleans.Runtime", "GrainId")));
    }

    private static bool GoesPastTheApi((string Assembly, string Namespace, string Name) used) =>
        used.Assembly == "Fabric.Engine" && !IsOrleans(used.Namespace);

    private static bool KnowsAService((string Assembly, string Namespace, string Name) used) =>
        used.Assembly == "Fabric.Grains" && used.Namespace is not ("Fabric.Grains.Kernel" or "Fabric.Grains.Nodes");

    private static bool LeavesTheDomain((string Assembly, string Namespace, string Name) used) =>
        used.Namespace.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
        || used.Namespace.StartsWith("System.Net.Http", StringComparison.Ordinal)
        || used is { Namespace: "System.Diagnostics", Name: "Process" or "ProcessStartInfo" };

    private static IEnumerable<string> References(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(static name => name.Name!)
            .Where(static name => name.StartsWith("Fabric.", StringComparison.Ordinal));

    private static bool IsOrleans(string name) =>
        name == "Orleans" || name.StartsWith("Orleans.", StringComparison.Ordinal)
        // Generated code: proxies and requests, which genuine Orleans generates too, under names of its own.
        || name.StartsWith("Fabric.Engine.CodeGeneration", StringComparison.Ordinal)
        // Extension methods of the host builder live here in Orleans too.
        || name == "Microsoft.Extensions.Hosting";

    private static IEnumerable<(string Assembly, string Namespace, string Name)> TypesUsed(string project)
    {
        using var file = File.OpenRead(Assembly.Load(project).Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        List<(string, string, string)> used = [];
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            if (type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            {
                var assembly = metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
                used.Add((metadata.GetString(assembly.Name), metadata.GetString(type.Namespace), metadata.GetString(type.Name)));
            }
        }

        return used;
    }
}
