using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Identity.Federation;

/// <summary>Mappings as Keystone itself judges them: many that <c>mapping_verdicts.py</c> drew, with what Keystone made of each.</summary>
public sealed class MappingVerdictTests
{
    [Fact]
    public void Every_mapping_makes_of_every_assertion_what_Keystone_makes_of_it()
    {
        var (cases, wrong) = (0, new List<string>());
        foreach (var (line, one) in Cases("rules"))
        {
            cases++;
            var expected = one.GetProperty("made").ValueKind == JsonValueKind.Null
                ? "refused"
                : Canonical(JsonNode.Parse(one.GetProperty("made").GetRawText()));
            if (Made(one) is var made && made != expected)
                wrong.Add($"{line}\n  expected {expected}\n  but was  {made}");
        }

        Assert.True(cases > 200, "there are no cases");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Take(5)));
    }

    [Fact]
    public void Every_mapping_that_is_none_is_refused_in_Keystones_words()
    {
        var (cases, wrong) = (0, new List<string>());
        foreach (var (line, one) in Cases("mapping"))
        {
            cases++;
            var expected = one.GetProperty("error").GetString();
            if (Error(one.GetProperty("mapping")) is var error && error != expected)
                wrong.Add($"{line}\n  expected {expected}\n  but was  {error}");
        }

        Assert.True(cases > 200, "there are no cases");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Take(5)));
    }

    private static string Made(JsonElement one)
    {
        var said = one.GetProperty("said").EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.GetString()!);
        try
        {
            return Canonical(MappingEngine.Process(one.GetProperty("rules"), said).ToJson());
        }
        catch (MappingRefusedException)
        {
            return "refused";
        }
    }

    private static string? Error(JsonElement mapping)
    {
        try
        {
            MappingSchema.Require(mapping);
            return null;
        }
        catch (Fault refused)
        {
            return refused.Message;
        }
    }

    private static IEnumerable<(string Line, JsonElement Case)> Cases(string kind) => File.ReadLines(PathOf("mappings.jsonl"))
        .Select(static line => (line, JsonDocument.Parse(line).RootElement)).Where(one => one.RootElement.TryGetProperty(kind, out _));

    // Neither the order of members nor that of the set of ids means anything.
    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject members => "{" + string.Join(",", members.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(
            static one => $"{one.Key}:{(one.Key == "group_ids" ? Sorted(one.Value!.AsArray()) : Canonical(one.Value))}")) + "}",
        JsonArray items => "[" + string.Join(",", items.Select(Canonical)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };

    private static string Sorted(JsonArray ids) => string.Join(",", ids.Select(Canonical).Order(StringComparer.Ordinal));

    private static string PathOf(string name, [CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "Documents", name);
}
