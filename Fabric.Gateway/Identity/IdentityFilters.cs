using System.Text.Json;
using Fabric.Gateway.Http;

namespace Fabric.Gateway.Identity;

/// <summary>Filters of a list by query: <c>name=x</c>, and <c>name__contains=x</c> and its like (source: <c>build_driver_hints</c> in
/// <c>keystone/server/flask/common.py</c>). They work on the bodies, so a filter means what the client reads.</summary>
internal static class IdentityFilters
{
    /// <summary>The bodies that every filter of the query lets through.</summary>
    internal static IEnumerable<Dictionary<string, object?>> Filter(this IEnumerable<Dictionary<string, object?>> bodies, Call call,
        params IReadOnlyList<string> names)
    {
        var tests = new List<Func<Dictionary<string, object?>, bool>>();
        foreach (var (key, values) in call.Http.Request.Query)
        {
            var split = key.IndexOf("__", StringComparison.Ordinal);
            var name = split < 0 ? key : key[..split];
            if (!names.Contains(name))
                continue;
            // Named twice is asked twice.
            foreach (var wanted in values.OfType<string>())
            {
                if (Test(split < 0 ? "" : key[(split + 2)..], wanted) is { } test)
                    tests.Add(body => body.TryGetValue(name, out var value) && test(value));
            }
        }

        return tests.Count == 0 ? bodies : bodies.Where(body => tests.All(test => test(body)));
    }

    /// <summary>A switch in the query: there without a value means yes, and only 0 means no.</summary>
    internal static bool IsSet(this Call call, string name) => call.Query(name) is { } text && text != "0";

    // An unknown comparator filters nothing, as in Keystone. What is looked up exactly or in any case its database compares, which takes
    // all letters for the same in either case, and finds no text in what is none; the rest its own code does, and fails on what is none.
    private static Func<object?, bool>? Test(string comparator, string wanted) => comparator switch
    {
        "" => value => value switch
        {
            bool flag => flag == IsTrue(wanted),
            JsonElement element => element.ToString() == wanted,
            _ => (value?.ToString() ?? "").Equals(wanted, StringComparison.OrdinalIgnoreCase),
        },
        "contains" => value => Text(value).Contains(wanted, StringComparison.Ordinal),
        "icontains" => value => value is string text && text.Contains(wanted, StringComparison.OrdinalIgnoreCase),
        "startswith" => value => Text(value).StartsWith(wanted, StringComparison.Ordinal),
        "istartswith" => value => value is string text && text.StartsWith(wanted, StringComparison.OrdinalIgnoreCase),
        "endswith" => value => Text(value).EndsWith(wanted, StringComparison.Ordinal),
        "iendswith" => value => value is string text && text.EndsWith(wanted, StringComparison.OrdinalIgnoreCase),
        _ => null,
    };

    /// <summary>What a filter on a switch asks for.</summary>
    internal static bool IsTrue(string text) => text.ToLowerInvariant() is not ("0" or "false" or "no" or "off" or "f" or "n");

    private static string Text(object? value) => value switch
    {
        string text => text,
        JsonElement element => element.ToString(),
        _ => throw Fault.BadRequest("TypeError",
            $"argument of type '{(value is null ? "NoneType" : value is bool ? "bool" : "int")}' is not iterable"),
    };
}
