using System.Text;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;
using static Fabric.Tests.Policy.Callers;

namespace Fabric.Tests.Policy;

/// <summary>The language as oslo.policy itself understands it: many rules, drawn by a seed, judged by both.</summary>
public sealed class OsloPolicyTests
{
    private const string Python = "/usr/bin/python3";
    private const int Seed = 20221005;
    private const int Drawn = 600;

    private static readonly string[] Atoms =
    [
        "@", "!", "role:admin", "role:MEMBER", "role:reader", "role:%(role)s", "project_id:%(project_id)s", "user_id:%(user_id)s",
        "domain_id:%(target.domain_id)s", "system_scope:all", "system_scope:None", "project_id:None", "'public':%(visibility)s",
        "\"public\":%(visibility)s", "None:%(nothing)s", "True:%(enabled)s", "1:%(one)s", "0:%(one)s", "user_domain_id:home",
        "user_id:%(absent)s", "absent:%(project_id)s", "tenant:%(project_id)s", "roles:reader", "roles:Reader", "project_id:p-%(one)s",
        "user_id:%(user_id)s%(user_id)s", "is_admin_project:True", "is_admin:1", "service_user_id:None", "rule:members", "rule:nothing",
        "rule:loop", "rule:broken", "rule:nobody", "rule:everybody", "rule:old", "admin", "project_id:100%", "'a'b':x",
        "project_id:100%%", "user_id:%(project_id)s:x", "token.user.id:%(user_id)s",
    ];

    private static readonly (string Name, string Check)[] Fixed =
    [
        ("members", "role:member and project_id:%(project_id)s"), ("loop", "rule:pool or role:member"), ("pool", "rule:loop"),
        ("broken", "role:member or or"), ("nobody", "!"), ("everybody", ""), ("default", "role:admin"),
    ];

    private static readonly Caller[] Askers =
    [
        On("p", "admin", "member", "reader"), On("p", "Member", "Reader"), On("p", "reader"), On("q", "member"), On(null),
        OnSystem("admin"), OnSystem("reader"), OnDomain("home", "reader"), OnDomain("away", "admin"),
    ];

    private static readonly (string Name, string? Value)[][] Targets =
    [
        [("project_id", "p"), ("user_id", "me"), ("visibility", "public"), ("nothing", null), ("enabled", "True"), ("one", "1"),
            ("role", "Member"), ("target.domain_id", "home")],
        [("project_id", "q"), ("user_id", "other"), ("visibility", "private"), ("nothing", "x"), ("enabled", "False"), ("one", "0"),
            ("role", "admin"), ("target.domain_id", "away")],
        [("project_id", null), ("target.domain_id", null), ("one", "1")],
        [],
    ];

    [SkippableFact]
    public async Task Both_judge_every_rule_alike()
    {
        Machine.NeedsPythonModule(Python, "oslo_policy");
        var random = new Random(Seed);
        var drawn = Enumerable.Range(0, Drawn).Select(number => (Name: $"drawn-{number}", Check: Draw(random))).ToArray();
        var lists = Enumerable.Range(0, 60).Select(number => (Name: $"list-{number}", Lists: DrawLists(random))).ToArray();
        var theirs = await Ask(drawn, lists);
        var rules = drawn.Concat(Fixed).ToDictionary(static rule => rule.Name, static rule => new PolicyText(rule.Check));
        foreach (var (name, list) in lists)
            rules[name] = new(null, list);
        rules["old"] = new(null, [["role:reader", "project_id:%(project_id)s"], ["role:admin"]]);
        PolicyRule[] asked = [.. drawn.Select(static rule => rule.Name).Concat(lists.Select(static list => list.Name))
            .Select(static name => new PolicyRule(name, "!", "Drawn."))];
        var set = new Rules(defaults: asked).Compile(new PolicyChoices { Rules = rules });
        Assert.Equal(asked.Length, theirs.Length);
        Assert.Contains(theirs, static line => line.Contains('1', StringComparison.Ordinal));
        for (var at = 0; at < asked.Length; at++)
        {
            Assert.True(Verdicts(set, asked[at]) == theirs[at],
                $"{rules[asked[at].Name].Text ?? set.Texts[asked[at].Name]}\nFabric: {Verdicts(set, asked[at])}\noslo:   {theirs[at]}");
        }
    }

    private static string Verdicts(PolicySet set, PolicyRule rule) => string.Concat(
        Askers.SelectMany(caller => Targets.Select(target => set.Allows(rule, caller, Thing(target)) ? '1' : '0')));

    private static async Task<string[]> Ask(
        (string Name, string Check)[] drawn, (string Name, IReadOnlyList<IReadOnlyList<string>> Lists)[] lists)
    {
        var rules = drawn.Concat(Fixed).ToDictionary(static rule => rule.Name, static rule => (object)rule.Check);
        foreach (var (name, list) in lists)
            rules[name] = list;
        rules["old"] = new[] { new[] { "role:reader", "project_id:%(project_id)s" }, ["role:admin"] };
        using var folder = new ScratchFolder();
        var file = Path.Combine(folder.Path, "cases.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            rules,
            asked = drawn.Select(static rule => rule.Name).Concat(lists.Select(static list => list.Name)),
            callers = Askers.Select(static caller => new
            {
                user_id = caller.UserId.Text,
                user_domain_id = caller.UserDomainId.Text,
                project_id = caller.ProjectId?.Text,
                project_domain_id = caller.ProjectDomainId?.Text,
                domain_id = caller.DomainId?.Text,
                system_scope = caller.SystemScope ? "all" : null,
                roles = caller.Roles,
            }),
            targets = Targets.Select(static target => target.ToDictionary(static fact => fact.Name, static fact => fact.Value)),
        }));
        var script = Path.Combine(Machine.Repository, "Fabric.Tests", "Policy", "oslo_verdicts.py");
        return (await Command.Run(Python, script, file)).Succeeded().Split('\n');
    }

    private static IReadOnlyList<IReadOnlyList<string>> DrawLists(Random random) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => (IReadOnlyList<string>)
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => Atoms[random.Next(Atoms.Length)])])];

    private static string Draw(Random random)
    {
        var text = new StringBuilder();
        Write(random, text, 0);
        // Some are spoilt, as people spoil them: a word is missing, or there twice.
        if (random.Next(6) == 0)
        {
            var words = text.ToString().Split(' ').ToList();
            var at = random.Next(words.Count);
            if (random.Next(2) == 0)
                words.RemoveAt(at);
            else
                words.Insert(at, words[at]);
            return string.Join(' ', words);
        }

        return text.ToString();
    }

    private static void Write(Random random, StringBuilder text, int depth)
    {
        var parts = depth > 3 ? 1 : random.Next(1, 4);
        for (var part = 0; part < parts; part++)
        {
            if (part > 0)
                text.Append(random.Next(8) switch { 0 => " AND ", 1 => "  or ", < 5 => " and ", _ => " or " });
            if (random.Next(4) == 0)
                text.Append(random.Next(6) == 0 ? "Not " : "not ");
            if (depth <= 3 && random.Next(3) == 0)
            {
                text.Append(random.Next(2) == 0 ? "(" : "( ");
                Write(random, text, depth + 1);
                text.Append(random.Next(2) == 0 ? ")" : " )");
            }
            else
            {
                text.Append(Atoms[random.Next(Atoms.Length)]);
            }
        }
    }
}
