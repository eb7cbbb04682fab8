using System.Net;
using System.Net.Sockets;
using System.Text;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Real;

/// <summary>The metadata service, asked by guests in their namespaces; the endpoint behind it tells what it was told.</summary>
public sealed class NetworkMetadataTests
{
    private const string Secret = "a secret of two";
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task A_guest_is_known_by_its_port_whichever_way_it_asks()
    {
        await using var lab = await NetworkLab.Start();
        await using var endpoint = await Endpoint.Start();
        await using var driver = lab.Driver(Options(lab, endpoint.Url));
        await driver.Apply(Sample.Whole(1), default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        await lab.Lease(a);
        await NetworkLab.Ip(b, "addr add 10.8.0.11/24 dev eth0", "route add default via 10.8.0.1");

        var byDhcp = await Get(a, "GET /openstack/latest/meta_data.json?x=1 HTTP/1.1\r\nX-Instance-ID: forged\r\nX-Tenant-ID: forged");
        var byRouter = await Get(b, "GET /latest/meta-data/ HTTP/1.1");

        Assert.StartsWith("HTTP/1.1 200 ", byDhcp, StringComparison.Ordinal);
        var told = Told("GET", "/openstack/latest/meta_data.json?x=1", Sample.InstanceA.Text, "10.8.0.10");
        Assert.Contains(told, byDhcp, StringComparison.Ordinal);
        Assert.Contains(Told("GET", "/latest/meta-data/", Sample.InstanceB.Text, "10.8.0.11"), byRouter, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", byDhcp, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_address_without_a_port_is_not_found()
    {
        await using var lab = await NetworkLab.Start();
        await using var endpoint = await Endpoint.Start();
        await using var driver = lab.Driver(Options(lab, endpoint.Url));
        var whole = Sample.Whole(1);
        await driver.Apply(whole with { Ports = [whole.Ports[0], whole.Ports[1] with { PortSecurity = false }] }, default);
        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        await NetworkLab.Ip(b, "addr add 10.8.0.77/24 dev eth0", "route add default via 10.8.0.1");

        Assert.StartsWith("HTTP/1.1 404 ", await Get(b, "GET / HTTP/1.1"), StringComparison.Ordinal);
        Assert.Equal(0, endpoint.Requests);
    }

    [SkippableFact]
    public async Task Status_and_body_pass_both_ways()
    {
        await using var lab = await NetworkLab.Start();
        await using var endpoint = await Endpoint.Start();
        await using var driver = lab.Driver(Options(lab, endpoint.Url));
        await driver.Apply(Sample.Whole(1), default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await lab.Lease(a);

        var posted = await Get(a, "POST /openstack/latest/password HTTP/1.1\r\nContent-Length: 6", "secret");
        Assert.Contains("body=secret", posted, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await Get(a, "GET /missing HTTP/1.1"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 413 ", await Get(a, "POST / HTTP/1.1\r\nContent-Length: 99999999", ""), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_endpoint_that_is_down_is_503()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver(Options(lab, "http://127.0.0.1:1/metadata"));
        await driver.Apply(Sample.Whole(1), default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await lab.Lease(a);

        Assert.StartsWith("HTTP/1.1 503 ", await Get(a, "GET / HTTP/1.1"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Nobody_outside_reaches_it_through_a_router()
    {
        await using var lab = await NetworkLab.Start();
        await using var endpoint = await Endpoint.Start();
        await using var driver = lab.Driver(Options(lab, endpoint.Url));
        await driver.Apply(Sample.Whole(1), default);

        Assert.True(await NetworkLab.Reaches(lab.Host, "198.51.100.10"));
        Assert.False(await NetworkLab.Connects(lab.Host, "198.51.100.10", 9697));
    }

    private static NetworkOptions Options(NetworkLab lab, string url)
    {
        var options = lab.Options;
        (options.MetadataUrl, options.MetadataSecret) = (new(url), Secret);
        return options;
    }

    private static string Told(string method, string path, string instance, string address) =>
        $"{method} /metadata{path} {instance} {NetworkSamples.Project.Text} {address} {NodeSignature.Sign(instance, Secret)}";

    /// <summary>Sends a request from inside the guest's namespace and reads the answer to its end.</summary>
    private static async Task<string> Get(string guest, string head, string? body = null)
    {
        using var socket = await NetworkNamespace.Run(
            guest, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse("169.254.169.254"), 80), limit.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{head}\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n{body}"), limit.Token);
        var answer = new MemoryStream();
        var buffer = new byte[4096];
        for (int count; (count = await socket.ReceiveAsync(buffer, limit.Token)) > 0;)
            answer.Write(buffer, 0, count);

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private sealed class Endpoint : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _requests;

        private Endpoint()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(async context =>
            {
                Interlocked.Increment(ref _requests);
                var (request, headers) = (context.Request, context.Request.Headers);
                context.Response.StatusCode = request.Path.Value!.EndsWith("missing", StringComparison.Ordinal) ? 404 : 200;
                var body = await new StreamReader(request.Body).ReadToEndAsync();
                string[] names =
                    [MetadataHeaders.InstanceId, MetadataHeaders.TenantId, MetadataHeaders.ForwardedFor, MetadataHeaders.Signature];
                var told = string.Join(' ', names.Select(name => headers[name]));
                await context.Response.WriteAsync($"{request.Method} {request.Path}{request.QueryString} {told} body={body}");
            });
        }

        internal int Requests => _requests;

        internal string Url => _app.Urls.Single() + "/metadata";

        internal static async Task<Endpoint> Start()
        {
            var endpoint = new Endpoint();
            await endpoint._app.StartAsync();
            return endpoint;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
