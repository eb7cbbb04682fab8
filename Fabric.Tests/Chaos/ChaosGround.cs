using System.Globalization;
using System.Net.Http.Headers;

namespace Fabric.Tests.Chaos;

/// <summary>What the clients build on: an image, a flavor, a network with few addresses, one with many for servers.</summary>
internal sealed class ChaosGround
{
    /// <summary>Of a /28: the first and the last are none, the gateway has the second.</summary>
    private const int First = 2;
    private const int Last = 14;

    internal required string Image { get; init; }

    internal required string Narrow { get; init; }

    internal required IReadOnlyList<string> NarrowSubnets { get; init; }

    internal required string Wide { get; init; }

    /// <summary>Makes it.</summary>
    internal static async Task<ChaosGround> Make(ChaosClient client)
    {
        var image = (await client.Do("POST", "/image/v2/images", new { name = "tiny", disk_format = "raw", container_format = "bare" }))
            .GetProperty("id").GetString()!;
        var uploaded = await client.Send(0, "PUT", $"/image/v2/images/{image}/file", () => new ByteArrayContent(new byte[4096])
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") },
        });
        Assert.True(uploaded.Yes, $"{uploaded}");
        var flavor = new { name = "tiny", id = "tiny", ram = 64, vcpus = 1, disk = 1 };
        await client.Do("POST", "/compute/v2.1/flavors", new { flavor });
        var compute = new { instances = 20_000, cores = 20_000, ram = 2_000_000 };
        await client.Do("PUT", $"/compute/v2.1/os-quota-sets/{client.Project}", new { quota_set = compute });
        var quota = new { network = 50_000, port = 50_000, subnet = 100 };
        await client.Do("PUT", $"/networking/v2.0/quotas/{client.Project}", new { quota });
        var narrow = await Network(client, "narrow");
        var wide = await Network(client, "wide");
        await Subnet(client, wide, "10.40.0.0/16");
        return new()
        {
            Image = image,
            Narrow = narrow,
            NarrowSubnets = [await Subnet(client, narrow, "10.50.0.0/28"), await Subnet(client, narrow, "10.50.1.0/28")],
            Wide = wide,
        };
    }

    /// <summary>The addresses of the narrow network that ports may have, with their subnets.</summary>
    internal IEnumerable<(string Subnet, string Address)> Addresses =>
        from subnet in Enumerable.Range(0, NarrowSubnets.Count)
        from last in Enumerable.Range(First, Last - First + 1)
        select (NarrowSubnets[subnet], Address(subnet, last));

    /// <summary>The body that asks for a new resource.</summary>
    internal object Create(ChaosKind kind, string name, Random random)
    {
        const string Description = "0";
        return kind.Singular switch
        {
            "network" => new { network = new { name, description = Description } },
            "flavor" => new { flavor = new { name, id = name, ram = 64, vcpus = 1, disk = 1, description = Description } },
            "server" => new
            {
                server = new
                {
                    name, description = Description, imageRef = Image, flavorRef = "tiny", networks = new[] { new { uuid = Wide } },
                },
            },
            // Half of them compete for few addresses.
            _ when random.Next(2) == 0 => new { port = new { name, description = Description, network_id = Wide } },
            _ when random.Next(4) == 0 => new { port = new { name, description = Description, network_id = Narrow } },
            _ => new { port = new { name, description = Description, network_id = Narrow, fixed_ips = new[] { Draw(random) } } },
        };
    }

    private object Draw(Random random)
    {
        var subnet = random.Next(NarrowSubnets.Count);
        return new { subnet_id = NarrowSubnets[subnet], ip_address = Address(subnet, random.Next(First, Last + 1)) };
    }

    private static string Address(int subnet, int last) => string.Create(CultureInfo.InvariantCulture, $"10.50.{subnet}.{last}");

    private static async Task<string> Network(ChaosClient client, string name) =>
        (await client.Do("POST", "/networking/v2.0/networks", new { network = new { name } }))
            .GetProperty("network").GetProperty("id").GetString()!;

    private static async Task<string> Subnet(ChaosClient client, string network, string cidr)
    {
        var subnet = new { network_id = network, ip_version = 4, cidr, enable_dhcp = false };
        return (await client.Do("POST", "/networking/v2.0/subnets", new { subnet })).GetProperty("subnet").GetProperty("id").GetString()!;
    }
}
