using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Gateway;
using Fabric.Gateway.Http;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Http;

/// <summary>What nobody should send, sent to every route of every service by an administrator, whom no policy stops: whatever is wrong
/// with it, it is the sender's mistake, and the answer says so.</summary>
public sealed class BadBodyTests(BadBodyCloud cloud) : IClassFixture<BadBodyCloud>
{
    private const int Senders = 8;

    /// <summary>Values that stand where something else is expected. Some are right in places; then they are simply done.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.0", "1.5", "1e400", "9223372036854775808", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "[]",
        "[null]", "[[]]", "[{}]", "[1]", "[\"x\",\"x\"]", "{}", "{\"x\":null}", "{\"\":{}}", "\"" + new string('y', 5000) + "\"",
        "\"2026-13-45T99:99:99Z\"", "\"::ffff:300.1.1.1/200\"",
    ];

    /// <summary>Bodies that are wrong as a whole.</summary>
    private static readonly byte[][] Bodies =
    [
        .. Values.Select(Encoding.UTF8.GetBytes),
        [.. "{\"x\":\""u8, 0xff, 0xfe, .. "\"}"u8], [.. "{\""u8, 0xc3, .. "\":1}"u8],
        "{\"\\ud800\": 1}"u8.ToArray(), "{\"x\": \"\\udfff\"}"u8.ToArray(), "{"u8.ToArray(), "{\"x\":}"u8.ToArray(),
        "not json"u8.ToArray(), [], [0],
        Encoding.UTF8.GetBytes(new string('[', 3000)), Encoding.UTF8.GetBytes("{\"x\":" + new string('9', 20_000) + "}"),
        Encoding.UTF8.GetBytes("\"" + new string('z', 200_000) + "\""),
    ];

    [Fact]
    public async Task No_body_that_is_wrong_as_a_whole_breaks_a_route() => await NothingBreaks(
        from line in BadBodyCloud.Lines
        where line.Route.Method is "POST" or "PUT" or "PATCH"
        from body in Bodies
        select new Sent(line.Service, line.Route, cloud.Path(line.Route), body));

    [Fact]
    public async Task No_value_of_a_wrong_type_or_size_breaks_a_route() => await NothingBreaks(
        from line in BadBodyCloud.Lines
        where line.Route.Method is "POST" or "PUT" or "PATCH"
        from body in Mutations(cloud.Sample(line.Route))
        select new Sent(line.Service, line.Route, cloud.Path(line.Route), Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task No_path_and_no_query_breaks_a_route()
    {
        string[] ids =
            ["%00", "%ff%fe", "..%2f..", "%F0%9F%98%80", new string('i', 2000), "0", "-1", "99999999999999999999", "%20", "a%27b"];
        string[] queries =
        [
            "limit=99999999999999999999", "limit=-1", "limit=x", "limit=0&marker=%00", "marker=%ff", "marker=x", "sort_key=%00&sort_dir=x",
            "sort_key=name&sort_key=id", "sort=x:y:z", "fields=%00", "name=%ff%fe", "id=x&id=%00", "changes-since=x", "created_at=gt:x",
            "size_min=x", "visibility=x&member_status=x", "resources=VCPU:x", "required=%00", "member_of=x", "user_id=%00", "in_tree=x",
            "project_id=%00", "page_reverse=x", "tags=%00", "fixed_ips=x%3D%00", "ip=(%5B&ip6=(", "name=(%5B", "all_tenants=x",
        ];
        await NothingBreaks(
            (from line in BadBodyCloud.Lines
             where line.Route.Path.Contains('{', StringComparison.Ordinal)
             from id in ids
             select new Sent(line.Service, line.Route, BadBodyCloud.Fill(line.Route.Path, _ => id), "{}"u8.ToArray()))
            .Concat(
                from line in BadBodyCloud.Lines
                where line.Route.Method == "GET"
                from query in queries
                select new Sent(line.Service, line.Route, cloud.Path(line.Route) + "?" + query, [])));
    }

    /// <summary>The body with one value of it put wrong, for each value at any depth, or with one left out or added.</summary>
    private static IEnumerable<string> Mutations(string sample)
    {
        foreach (var path in Places(JsonNode.Parse(sample)!, []).ToArray())
        {
            foreach (var value in Values)
                yield return Put(sample, path, value);
            yield return Put(sample, path, null);
        }
    }

    private static IEnumerable<object[]> Places(JsonNode? node, object[] path)
    {
        if (path.Length > 0)
            yield return path;
        IEnumerable<(object Key, JsonNode? Value)> below = node switch
        {
            JsonObject some => some.Select(static pair => ((object)pair.Key, pair.Value)),
            JsonArray some => some.Select(static (value, at) => ((object)at, value)),
            _ => [],
        };
        foreach (var (key, value) in below)
        {
            foreach (var place in Places(value, [.. path, key]))
                yield return place;
        }
    }

    private static string Put(string sample, object[] path, string? value)
    {
        // A mark that the raw text replaces: the serializer itself would refuse some of the values.
        const string Mark = "@@@";
        var root = JsonNode.Parse(sample)!;
        var node = path[..^1].Aggregate(root, static (at, key) => key is string name ? at[name]! : at[(int)key]!);
        if (path[^1] is string last)
        {
            if (value is null)
                node.AsObject().Remove(last);
            else
                node[last] = Mark;
        }
        else
        {
            node[(int)path[^1]] = Mark;
        }

        return root.ToJsonString().Replace($"\"{Mark}\"", value, StringComparison.Ordinal);
    }

    private async Task NothingBreaks(IEnumerable<Sent> requests)
    {
        var broken = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (sent, ct) =>
        {
            using var request = new HttpRequestMessage(new(sent.Route.Method), sent.Service.Prefix + sent.Path);
            if (sent.Service.Microversions is { } window)
                request.Headers.Add("OpenStack-API-Version", $"{window.ServiceType} {sent.Route.Until ?? window.Max}");
            if (sent.Route.Method is "POST" or "PUT" or "PATCH")
            {
                request.Content = new ByteArrayContent(sent.Body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(BadBodyCloud.ContentType(sent.Route));
            }

            using var answer = await cloud.Admin.SendAsync(request, ct);
            var status = (int)answer.StatusCode;
            // 501 is an answer: a part of OpenStack that is not there. 401 would mean that nothing was tried, but where a signature is
            // asked for.
            var proves = sent.Route.Policy.IsPublic || sent.Route.Policy.Name.EndsWith("tokens_validate", StringComparison.Ordinal);
            if (status is >= 500 and not 501 || (status == 401 && !proves))
            {
                broken.Enqueue($"{status} {sent.Route.Method} {sent.Service.Prefix}{Short(sent.Path)} "
                    + Short(Encoding.UTF8.GetString(sent.Body)));
            }
        });
        Assert.True(broken.IsEmpty, $"{broken.Count} broke, among them:\n{string.Join('\n', broken.Take(40))}");
    }

    private static string Short(string text) => text.Length > 160 ? text[..160] + "…" : text;

    private sealed record Sent(ServiceApi Service, Route Route, string Path, byte[] Body);
}
