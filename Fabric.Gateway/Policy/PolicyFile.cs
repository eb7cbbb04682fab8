using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fabric.Gateway.Policy;

/// <summary>A file of policies that cannot be used, and why.</summary>
public sealed class PolicyFileException(string message) : Exception(message);

/// <summary>Reads what operators write: <c>NAME_policy.yaml</c>, a service's rules by name, and <c>oslo_policy.yaml</c>, how they are
/// held to. Strict, since a slip in a file of rules opens doors: what oslo.policy would take for "everybody" without being told so (a
/// rule that is null) is an error here.</summary>
internal static class PolicyFile
{
    private const long MostBytes = 1 << 20;

    /// <summary>Every rule of a file; none when there is no file.</summary>
    /// <exception cref="PolicyFileException">It cannot be read, or says what is no rule.</exception>
    internal static IReadOnlyDictionary<string, PolicyText> Rules(string path) =>
        Entries(path).ToDictionary(static entry => entry.Key, entry => Rule(path, entry.Key, entry.Value), StringComparer.Ordinal);

    /// <summary>One service's part of the options; null for what is not said.</summary>
    /// <exception cref="PolicyFileException">It cannot be read, or has an option that there is none of.</exception>
    internal static (bool? EnforceNewDefaults, bool EnforceScope) Options(string path, string service)
    {
        bool? newDefaults = null;
        var scope = false;
        foreach (var (name, value) in Entries(path))
        {
            if (ServicePolicies.All.All(known => known.Service != name))
                throw new PolicyFileException($"{path}: there is no service {name}");
            foreach (var (option, text) in Mapping(path, value))
            {
                var flag = Flag(path, option, text);
                if (option is not ("enforce_new_defaults" or "enforce_scope"))
                    throw new PolicyFileException($"{path}: there is no option {option}");
                if (name == service && option == "enforce_new_defaults")
                    newDefaults = flag;
                else if (name == service)
                    scope = flag;
            }
        }

        return (newDefaults, scope);
    }

    private static IEnumerable<KeyValuePair<string, YamlNode>> Entries(string path)
    {
        var yaml = new YamlStream();
        try
        {
            if (!File.Exists(path))
                return [];
            if (new FileInfo(path).Length > MostBytes)
                throw new PolicyFileException($"{path} has more than {MostBytes} bytes");
            using var text = new StreamReader(path);
            yaml.Load(text);
        }
        catch (YamlException error)
        {
            throw new PolicyFileException($"{path}, line {error.Start.Line}: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PolicyFileException($"{path}: {error.Message}");
        }

        return yaml.Documents.Count switch
        {
            0 => [],
            1 => Mapping(path, yaml.Documents[0].RootNode),
            _ => throw new PolicyFileException($"{path} has more than one document"),
        };
    }

    private static IEnumerable<KeyValuePair<string, YamlNode>> Mapping(string path, YamlNode node)
    {
        // A file of nothing but comments is one empty scalar.
        if (node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or null })
            return [];
        if (node is not YamlMappingNode mapping)
            throw new PolicyFileException($"{path}, line {node.Start.Line}: names and values are expected");
        return mapping.Children.Select(child => child.Key is YamlScalarNode { Value: { Length: > 0 } name }
            ? new KeyValuePair<string, YamlNode>(name, child.Value)
            : throw new PolicyFileException($"{path}, line {child.Key.Start.Line}: a name is expected"));
    }

    private static PolicyText Rule(string path, string name, YamlNode node) => node switch
    {
        YamlScalarNode scalar => new(Text(path, name, scalar)),
        YamlSequenceNode list => new(null, [.. list.Children.Select(inner => All(path, name, inner))]),
        _ => throw NoRule(path, name, node),
    };

    private static IReadOnlyList<string> All(string path, string name, YamlNode node) => node switch
    {
        YamlScalarNode scalar => [Text(path, name, scalar)],
        YamlSequenceNode list => [.. list.Children.Select(inner =>
            inner is YamlScalarNode one ? Text(path, name, one) : throw NoRule(path, name, inner))],
        _ => throw NoRule(path, name, node),
    };

    private static string Text(string path, string name, YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL"
            ? throw new PolicyFileException($"{path}, line {scalar.Start.Line}: {name} says nothing; \"@\" lets everybody in")
            : scalar.Value ?? "";

    private static PolicyFileException NoRule(string path, string name, YamlNode node) =>
        new($"{path}, line {node.Start.Line}: {name} is neither a text nor a list of checks");

    private static bool Flag(string path, string option, YamlNode node) => (node as YamlScalarNode)?.Value?.ToLowerInvariant() switch
    {
        "true" => true,
        "false" => false,
        _ => throw new PolicyFileException($"{path}, line {node.Start.Line}: {option} is true or false"),
    };
}
