using System.Text.Json;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Identity.Federation;

public sealed class MappingEngineTests
{
    private const string Named = """{"user": {"name": "{0}"}}""";

    /// <summary>Rules as <c>local # remote</c>, an assertion, and what comes out; null where nothing does.</summary>
    public static TheoryData<string, string, string?> Cases() => new()
    {
        // One value each, in the order of the conditions.
        { Rule("""{"user": {"name": "{0} {1}", "email": "{2}"}}""", """{"type": "first"}, {"type": "last"}, {"type": "mail"}"""),
            "first=Ada|last=Byron|mail=ada@x", """{"user":{"name":"Ada Byron","email":"ada@x","type":"ephemeral"}}""" },
        // A condition on a value gives no placeholder.
        { Rule("""{"user": {"name": "{0}"}}""", """{"type": "kind", "any_one_of": ["staff", "guest"]}, {"type": "login"}"""),
            "kind=student;staff|login=ada", """{"user":{"name":"ada","type":"ephemeral"}}""" },
        { Rule(Named, """{"type": "kind", "any_one_of": ["staff"]}, {"type": "login"}"""), "kind=student|login=ada", null },
        { Rule(Named, """{"type": "login"}, {"type": "kind", "not_any_of": ["guest"]}"""), "kind=guest|login=ada", null },
        { Rule(Named, """{"type": "login"}, {"type": "kind", "not_any_of": ["guest"]}"""), "kind=staff|login=ada",
            """{"user":{"name":"ada","type":"ephemeral"}}""" },
        // An attribute that is not there refuses, whatever is asked of it.
        { Rule(Named, """{"type": "login"}, {"type": "kind", "not_any_of": ["guest"]}"""), "login=ada", null },
        { Rule(Named, """{"type": "login"}, {"type": "mail", "any_one_of": [".*@staff\\.x$"], "regex": true}"""),
            "login=ada|mail=ada@staff.x", """{"user":{"name":"ada","type":"ephemeral"}}""" },
        { Rule(Named, """{"type": "login"}, {"type": "mail", "any_one_of": [".*@staff.x"], "regex": false}"""),
            "login=ada|mail=ada@staff.x", null },
        { Rule(Named, """{"type": "login"}, {"type": "mail", "not_any_of": ["@staff"], "regex": true}"""),
            "login=ada|mail=ada@staff.x", null },
        // Lists of groups, filtered.
        { Rule("""{"user": {"name": "{0}"}}, {"groups": "{1}", "domain": {"id": "d"}}""",
            """{"type": "login"}, {"type": "teams", "blacklist": ["root"]}"""), "login=ada|teams=dev;root;o'ps",
            """{"user":{"name":"ada","type":"ephemeral"},"group_names":["dev@d","o'ps@d"]}""" },
        { Rule("""{"user": {"name": "{0}"}}, {"groups": "{1}", "domain": {"name": "D"}}""",
            """{"type": "login"}, {"type": "teams", "whitelist": ["^d", "x$"], "regex": true}"""), "login=ada|teams=dev;root;box",
            """{"user":{"name":"ada","type":"ephemeral"},"group_names":["dev@D","box@D"]}""" },
        // Nothing let through is an empty list, not a group without a name.
        { Rule("""{"user": {"name": "{0}"}}, {"groups": "{1}", "domain": {"id": "d"}}""",
            """{"type": "login"}, {"type": "teams", "whitelist": ["none"]}"""), "login=ada|teams=dev;root",
            """{"user":{"name":"ada","type":"ephemeral"}}""" },
        { Rule("""{"user": {"name": "{0}"}}, {"group_ids": "{1}"}""", """{"type": "login"}, {"type": "ids"}"""),
            "login=ada|ids=g1;g2;g1", """{"user":{"name":"ada","type":"ephemeral"},"group_ids":["g1","g2"]}""" },
        { Rule("""{"user": {"name": "{0}"}}, {"groups": "{1}"}""", """{"type": "login"}, {"type": "teams"}"""), "login=ada|teams=dev",
            null },
        { Rule("""{"user": {"name": "{0}"}}, {"groups": "{1}"}""", """{"type": "login"}, {"type": "teams"}"""),
            """login=ada|teams=JSON:{"name":"dev","domain":{"name":"D"}};JSON:{"name":"ops","domain":{"id":"e"}}""",
            """{"user":{"name":"ada","type":"ephemeral"},"group_names":["dev@D","ops@e"]}""" },
        { Rule("""{"user": {"name": "{0}"}, "group": {"id": "g"}}, {"group": {"name": "n", "domain": {"name": "D"}}}""",
            """{"type": "login"}"""), "login=ada",
            """{"user":{"name":"ada","type":"ephemeral"},"group_ids":["g"],"group_names":["n@D"]}""" },
        // Projects with roles, filled like all else.
        { Rule("""{"user": {"name": "{0}"}, "projects": [{"name": "of {0}", "roles": [{"name": "member"}, {"name": "{1}"}]}]}""",
            """{"type": "login"}, {"type": "role"}"""), "login=ada|role=reader",
            """{"user":{"name":"ada","type":"ephemeral"},"projects":["of ada:member,reader"]}""" },
        { Rule("""{"user": {"id": "{0}", "domain": {"name": "D"}, "type": "local"}}""", """{"type": "login"}"""), "login=ada",
            """{"user":{"id":"ada","domain":{"name":"D"},"type":"local"}}""" },
        // All rules that apply count: the first user, all groups.
        { Rule(Named, """{"type": "login"}""") + "," + Rule("""{"user": {"name": "other"}, "group": {"id": "g"}}""",
            """{"type": "login"}""") + "," + Rule("""{"group": {"id": "h"}}""", """{"type": "absent"}"""), "login=ada",
            """{"user":{"name":"ada","type":"ephemeral"},"group_ids":["g"]}""" },
        // Python's braces.
        { Rule("""{"user": {"name": "{{{0}}} {0}"}}""", """{"type": "login"}"""), "login=ada",
            """{"user":{"name":"{ada} ada","type":"ephemeral"}}""" },
        { Rule("""{"user": {"name": "{0[1]}"}}""", """{"type": "login"}"""), "login=ada;bob",
            """{"user":{"name":"bob","type":"ephemeral"}}""" },
        { Rule("""{"user": {"name": "{1}"}}""", """{"type": "login"}"""), "login=ada", null },
        { Rule("""{"user": {"name": "{name}"}}""", """{"type": "login"}"""), "login=ada", null },
        { Rule("""{"user": {"name": "{0"}}""", """{"type": "login"}"""), "login=ada", null },
        { Rule("""{"user": {"name": "{0}", "type": "local"}}""", """{"type": "login", "any_one_of": ["("], "regex": true}"""),
            "login=ada", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_mapping_makes_of_an_assertion_what_its_rules_say(string rules, string assertion, string? expected)
    {
        using var document = JsonDocument.Parse($$"""{"rules": [{{rules}}]}""");
        MappingSchema.Require(document.RootElement);
        var said = assertion.Split('|').Select(static pair => pair.Split('=', 2)).ToDictionary(
            static pair => pair[0], static pair => pair[1]);
        string? made = null;
        try
        {
            made = Show(MappingEngine.Process(document.RootElement.GetProperty("rules"), said));
        }
        catch (MappingRefusedException) when (expected is null)
        {
            made = null;
        }

        Assert.Equal(expected, made);
    }

    [Fact]
    public void A_pattern_that_runs_away_is_stopped()
    {
        using var rules = JsonDocument.Parse(
            $"[{Rule(Named, """{"type": "login", "whitelist": ["^(a+)+$"], "regex": true}""")}]");
        var said = new Dictionary<string, string> { ["login"] = new string('a', 40) + "!" };
        Assert.Throws<MappingRefusedException>(() => MappingEngine.Process(rules.RootElement, said));
    }

    [Theory]
    [InlineData("""{}""", "'rules' is a required property\n")]
    [InlineData("""{"rules": []}""", "[] is too short\n")]
    [InlineData("""{"rules": {}}""", "{} is not of type 'array'\n")]
    [InlineData("""{"rules": [{"local": []}]}""", "'remote' is a required property\n")]
    [InlineData("""{"rules": [{"local": [], "remote": [], "more": 1}]}""",
        "Additional properties are not allowed ('more' was unexpected)\n[] is too short\n")]
    [InlineData("""{"rules": [{"local": [{"user": {"type": "other"}}], "remote": [{"type": "x"}]}]}""",
        "'other' is not one of ['ephemeral', 'local']\n")]
    [InlineData("""{"rules": [{"local": [{"group": {"name": "x"}}], "remote": [{"type": "x"}]}]}""",
        "{'name': 'x'} is not valid under any of the given schemas\n")]
    [InlineData("""{"rules": [{"local": [], "remote": [{"type": "x", "whitelist": [], "blacklist": []}]}]}""",
        "{'type': 'x', 'whitelist': [], 'blacklist': []} is not valid under any of the given schemas\n")]
    [InlineData("""{"rules": [{"local": [{"projects": [{"name": "p"}]}], "remote": [{"type": "x", "regex": "yes", "any_one_of": []}]}]}""",
        "'roles' is a required property\n{'type': 'x', 'regex': 'yes', 'any_one_of': []} is not valid under any of the given schemas\n")]
    [InlineData("""{"rules": [{"local": [{"projects": [{"name": "p", "roles": [{"additionalProperties": 1}]}]}],"""
        + """ "remote": [{"type": "x"}]}]}""",
        "'name' is a required property\nFalse schema does not allow 1\n")]
    [InlineData("""{"rules": [{"local": [{"groups": ["x"]}], "remote": [{"type": "x"}]}]}""", "['x'] is not of type 'string'\n")]
    public void What_is_wrong_with_a_mapping_is_told_whole(string mapping, string message)
    {
        using var document = JsonDocument.Parse(mapping);
        var fault = Assert.Throws<Fault>(() => MappingSchema.Require(document.RootElement));
        Assert.Equal(("ValidationError", message), (fault.Type, fault.Message));
    }

    private static string Rule(string local, string remote) => $$"""{"local": [{{local}}], "remote": [{{remote}}]}""";

    private static string Show(MappedIdentity made)
    {
        var json = made.ToJson();
        var parts = new Dictionary<string, object> { ["user"] = json["user"]! };
        if (made.GroupIds.Count > 0)
            parts["group_ids"] = made.GroupIds;
        if (made.Groups.Count > 0)
            parts["group_names"] = made.Groups.Select(static group => $"{group.Name}@{group.Domain.Name ?? group.Domain.Id}");
        if (made.Projects.Count > 0)
            parts["projects"] = made.Projects.Select(static project => $"{project.Name}:{string.Join(',', project.Roles)}");
        return JsonSerializer.Serialize(parts, Fabric.Gateway.Http.Wire.Options);
    }
}
