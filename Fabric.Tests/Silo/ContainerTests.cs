using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fabric.Hosting;
using Fabric.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Fabric.Tests.Silo;

/// <summary><c>docker-compose.yml</c> and the Dockerfiles say only what the programs understand.</summary>
public sealed partial class ContainerTests
{
    private static readonly Dictionary<string, Func<RootCommand>> Programs = new()
    {
        ["Fabric.Silo"] = global::Fabric.Silo.Commands.Root,
        ["Fabric.Gateway"] = global::Fabric.Gateway.Commands.Root,
        ["Fabric.NodeAgent"] = global::Fabric.NodeAgent.Commands.Root,
    };

    public static TheoryData<string> Names => [.. Programs.Keys];

    public static TheoryData<string> Services => [.. Compose().Children.Where(static one => One(one.Value, "build") is not null)
        .Select(static one => one.Key.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_image_starts_its_program_with_options_that_it_has(string program)
    {
        var file = File.ReadAllText(Path.Combine(Machine.Repository, program, "Dockerfile"));
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"{program}.dll\"]", file, StringComparison.Ordinal);
        var command = JsonSerializer.Deserialize<string[]>(Command().Match(file).Groups[1].Value)!;
        Assert.Empty(Programs[program]().Parse(command).Errors);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_told_what_its_program_understands(string service)
    {
        var node = Compose().Children[service];
        var root = Programs[One(One(node, "build")!, "dockerfile")!.ToString().Split('/')[0]]();
        string[] command = [.. ((YamlSequenceNode)One(node, "command")!).Select(static word => word.ToString())];
        var options = root.Subcommands.Single(static one => one.Name == "run").Options.Select(static option => option.Name).ToList();
        List<string> told = [];
        foreach (var (variable, value) in Environment(node).Where(static one => one.Key.StartsWith("FABRIC_", StringComparison.Ordinal)))
        {
            var option = "--" + variable["FABRIC_".Length..].ToLowerInvariant().Replace('_', '-');
            Assert.Contains(option, options);
            told.AddRange([option, value]);
        }

        // As if the environment's were on the command line, where its values are checked.
        Assert.Empty(root.Parse([.. command, .. told]).Errors);
        Assert.NotEmpty(root.Parse([.. command, .. told, "--no-such-option"]).Errors);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_volume_that_a_service_mounts_is_declared(string service)
    {
        var declared = ((YamlMappingNode)One(Document(), "volumes")!).Children.Keys.Select(static name => name.ToString()).ToList();
        foreach (var mount in (YamlSequenceNode)One(Compose().Children[service], "volumes")!)
            Assert.Contains(mount.ToString().Split(':')[0], declared);
    }

    [Fact]
    public void The_address_to_advertise_is_found_where_there_is_a_default_route()
    {
        // Destination and mask are zero: the second and the eighth column.
        var hasRoute = File.ReadLines("/proc/net/route").Skip(1).Select(static line => line.Split('\t'))
            .Any(static route => route[1] == "00000000" && route[7] == "00000000");
        if (!hasRoute)
        {
            Assert.Throws<StartRefusedException>(static () => ListenAddress.ToAdvertise("auto"));
            return;
        }

        var own = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static one => one.GetIPProperties().UnicastAddresses).Select(static one => one.Address);
        Assert.Contains(ListenAddress.ToAdvertise("auto"), own);
    }

    private static YamlMappingNode Compose() => (YamlMappingNode)One(Document(), "services")!;

    private static YamlNode Document()
    {
        using var text = new StreamReader(Path.Combine(Machine.Repository, "docker-compose.yml"));
        var stream = new YamlStream();
        stream.Load(text);
        return stream.Documents[0].RootNode;
    }

    private static YamlNode? One(YamlNode node, string key) =>
        ((YamlMappingNode)node).Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    /// <summary>With what <c>&lt;&lt;</c> takes over from elsewhere.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Environment(YamlNode service)
    {
        if (One(service, "environment") is not YamlMappingNode all)
            return [];
        return all.Children.SelectMany(static one => one.Value is YamlMappingNode merged
            ? merged.Children.Select(static inner => KeyValuePair.Create(inner.Key.ToString(), inner.Value.ToString()))
            : [KeyValuePair.Create(one.Key.ToString(), one.Value.ToString())]);
    }

    [GeneratedRegex("^CMD (.*)$", RegexOptions.Multiline)]
    private static partial Regex Command();
}
