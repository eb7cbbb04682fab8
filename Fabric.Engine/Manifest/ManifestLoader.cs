using System.Reflection;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine;

/// <summary>
/// Finds the generated manifests. It starts from the assemblies that are loaded and follows references, but not into the framework: a
/// handful of assemblies, each asked for one attribute, no scan over types.
/// </summary>
internal static class ManifestLoader
{
    private static readonly string[] Foreign = ["System", "Microsoft", "netstandard", "mscorlib", "xunit", "Npgsql", "OpenTelemetry",
        "Yarp"];

    internal static GrainManifestBuilder Load()
    {
        var builder = new GrainManifestBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        if (Assembly.GetEntryAssembly() is { } entry)
            open.Enqueue(entry);
        while (open.TryDequeue(out var assembly))
        {
            var name = assembly.GetName().Name ?? "";
            if (assembly.IsDynamic || IsForeign(name) || !seen.Add(name))
                continue;
            if (assembly.GetCustomAttribute<GrainManifestAttribute>() is { } attribute)
                ((IGrainManifest)Activator.CreateInstance(attribute.Manifest, nonPublic: true)!).Populate(builder);
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                if (!IsForeign(reference.Name ?? "") && !seen.Contains(reference.Name!) && TryLoad(reference) is { } loaded)
                    open.Enqueue(loaded);
            }
        }

        return builder;
    }

    private static bool IsForeign(string name) => Array.Exists(Foreign, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            // A reference needed at build time only; it can hold no grains of ours.
            return null;
        }
    }
}
