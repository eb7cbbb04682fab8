using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Fabric.Grains.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>What is too much of a request is refused in a few words and at once, whoever sends it.</summary>
public sealed class RequestLimitTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const int MostBytes = 114_688;

    [Theory]
    [InlineData("POST", "/auth/tokens", false)]
    [InlineData("POST", "/auth/tokens", true)]
    [InlineData("POST", "/users", false)]
    [InlineData("POST", "/users", true)]
    [InlineData("POST", "/ec2tokens", true)]
    [InlineData("GET", "/users", false)]
    [InlineData("POST", "/OS-OAUTH2/token", false)]
    [InlineData("POST", "/no/such/path", false)]
    public async Task A_body_of_more_than_Keystone_takes_is_413_whether_its_length_is_said_or_not(string method, string path, bool chunked)
    {
        using var answer = await Send(method, path, Padded(MostBytes + 1), chunked, "application/json");
        Assert.Equal(413, (int)answer.StatusCode);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("413 Request Entity Too Large", body.GetProperty("code").GetString());
        Assert.Equal("Request Entity Too Large", body.GetProperty("title").GetString());
        Assert.Equal("Request is too large. Larger than max_request_body_size (114688).<br /><br />\n\n\n",
            body.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Who_accepts_pages_or_text_reads_one_and_who_sends_just_as_much_is_served()
    {
        using var page = await Send("POST", "/auth/tokens", Padded(MostBytes + 1), false, "*/*");
        Assert.Equal("text/html; charset=UTF-8", page.Content.Headers.ContentType!.ToString());
        Assert.Equal("""
            <html>
             <head>
              <title>413 Request Entity Too Large</title>
             </head>
             <body>
              <h1>413 Request Entity Too Large</h1>
              Request is too large. Larger than max_request_body_size (114688).<br /><br />



             </body>
            </html>
            """.ReplaceLineEndings("\n"), await page.Content.ReadAsStringAsync());
        using var text = await Send("POST", "/auth/tokens", Padded(MostBytes + 1), false, "text/plain");
        Assert.Equal("413 Request Entity Too Large\n\nRequest is too large. Larger than max_request_body_size (114688).\n\n   ",
            await text.Content.ReadAsStringAsync());
        // The lengths between chunks count too.
        foreach (var (length, chunked) in (IEnumerable<(int, bool)>)[(MostBytes, false), (MostBytes - 1024, true)])
        {
            using var answer = await Send("POST", "/auth/tokens", Padded(length), chunked, "application/json");
            Assert.Equal(401, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_body_that_is_deep_long_or_packed_is_a_bad_request()
    {
        string[] bodies =
        [
            string.Concat(Enumerable.Repeat("{\"auth\":", 10_000)),
            string.Concat(Enumerable.Repeat("{\"auth\":", 5_000)) + "1" + new string('}', 5_000),
            new string('[', 100_000),
            "{\"auth\": {\"identity\": {\"methods\": [" + string.Join(',', Enumerable.Repeat("\"password\"", 9_000)) + "]}}}",
            "{\"auth\": {\"identity\": {\"methods\": [" + string.Join(',', Enumerable.Range(0, 9_000).Select(i => $"\"m{i}\"")) + "]}}}",
            "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": 1" + new string('0', 100_000) + "}}}}",
        ];
        foreach (var body in bodies)
        {
            using var answer = await Send("POST", "/auth/tokens", Encoding.ASCII.GetBytes(body), false, "application/json");
            Assert.True((int)answer.StatusCode is 400 or 401, $"{(int)answer.StatusCode} to {body[..60]}");
        }

        // A packed body is not unpacked: it cannot become large here.
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(new byte[50_000_000]);
        using var bomb = await Send("POST", "/auth/tokens", packed.ToArray(), false, "application/json", ("Content-Encoding", "gzip"));
        Assert.Equal(400, (int)bomb.StatusCode);
    }

    [Fact]
    public async Task Long_queries_names_and_tokens_are_served_as_Keystones_web_server_does_and_endless_ones_are_not()
    {
        var filter = await cloud.Send("GET", "/users?name=" + new string('a', 20_000), null, cloud.Admin);
        Assert.Equal((200, 0), (filter.Status, filter.Body.GetProperty("users").GetArrayLength()));
        Assert.Equal(200, (await cloud.Send("GET", "/users?" + string.Join('&', Enumerable.Range(0, 3_000).Select(i => $"a{i}=b")), null,
            cloud.Admin)).Status);
        Assert.Equal(200, (await cloud.Send("GET", "/users", null, cloud.Admin, ("X-Junk", new string('j', 40_000)))).Status);
        var longToken = new string('t', 30_000);
        Assert.Equal(401, (await cloud.Send("GET", "/users", null, longToken)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", longToken))).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/users/" + new string('u', 10_000), null, cloud.Admin)).Status);
        using var endless = await Send("GET", "/users?name=" + new string('a', 100_000), [], false, "application/json");
        Assert.Equal(HttpStatusCode.RequestUriTooLong, endless.StatusCode);
        using var heads = await Send("GET", "/users", [], false, "application/json", ("X-Junk", new string('j', 100_000)));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, heads.StatusCode);
    }

    [Fact]
    public async Task A_pattern_that_takes_for_ever_is_given_up()
    {
        var own = new IdentityCloud
        {
            Configure = static services => services.Configure<IdentityOptions>(static options =>
                options.SecurityCompliance = new() { PasswordRegex = "^(a+)+$" }),
        };
        await own.InitializeAsync();
        var password = new string('a', 40) + "!";
        var answer = await own.Send("POST", "/users", new { user = new { name = "slow", password } }, own.Admin);
        Assert.Equal((400, "Password validation error: Unable to validate password due to invalid configuration."),
            (answer.Status, answer.Message));
        await own.DisposeAsync();
    }

    private static byte[] Padded(int length)
    {
        const string Head = """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"x","password":"p"}}}}""";
        return Encoding.ASCII.GetBytes(Head + new string(' ', length - Head.Length - 1) + "}");
    }

    private Task<HttpResponseMessage> Send(
        string method, string path, byte[] body, bool chunked, string accepts, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new(method), "/identity/v3" + path);
        request.Headers.Add("X-Auth-Token", cloud.Admin);
        request.Headers.TryAddWithoutValidation("Accept", accepts);
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        if (body.Length > 0)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        return cloud.Http.SendAsync(request);
    }
}
