using System.Text;
using System.Text.Json;
using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

public sealed class InstanceMetadataTests
{
    private static readonly InstanceState Server = InstanceStateTests.New() with
    {
        AvailabilityZone = "nova",
        Metadata = new Dictionary<string, string> { ["role"] = "web" },
        Key = new("mine", "ssh", "ssh-rsa AAAA mine"),
        UserData = Convert.ToBase64String("#!/bin/sh\n"u8),
        ConfigDrive = true,
    };

    private static readonly InstancePort[] Ports =
    [
        new()
        {
            PortId = PortId.Parse("33333333-0000-4000-8000-000000000001"),
            NetworkId = NetworkId.Parse("22222222-0000-4000-8000-000000000001"),
            NetworkName = "private",
            MacAddress = "fa:16:3e:00:00:01",
            Mtu = 1450,
            Status = "ACTIVE",
            Tag = "front",
            Addresses =
            [
                new()
                {
                    IpAddress = "10.0.0.5",
                    SubnetId = SubnetId.Parse("44444444-0000-4000-8000-000000000001"),
                    Cidr = "10.0.0.0/24",
                    GatewayIp = "10.0.0.1",
                    DhcpEnabled = false,
                    DnsServers = ["10.0.0.2"],
                    HostRoutes = [new("10.1.0.0/16", "10.0.0.254")],
                    FloatingIps = ["198.51.100.7"],
                },
            ],
        },
    ];

    private static readonly InstanceMetadata Metadata = new(Server, Ports);

    [Fact]
    public void The_administrators_password_is_on_the_config_drive_of_the_build_and_nowhere_else()
    {
        var building = Server with { AdminPassword = new("s3cret") };
        var metadata = new InstanceMetadata(building, Ports);
        var told = metadata.Files().Where(static file =>
            Encoding.UTF8.GetString(file.Content.Span).Contains("s3cret", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["openstack/2020-10-14/meta_data.json", "openstack/latest/meta_data.json"], told.Select(static file => file.Path));
        Assert.Equal("s3cret", JsonDocument.Parse(told[0].Content).RootElement.GetProperty("admin_pass").GetString());
        Assert.DoesNotContain("s3cret",
            Encoding.UTF8.GetString(metadata.Lookup("/openstack/latest/meta_data.json")!.Value.Body.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", building.ToString(), StringComparison.Ordinal);
        var now = building.UpdatedAt;
        Assert.Null(building.Built(now).AdminPassword);
        Assert.Null(building.BuildFailed(new(500, "", now), cleared: true, now).AdminPassword);
        Assert.NotNull(building.TriedOn("n1", null, now).AdminPassword);
    }

    [Theory]
    [InlineData("/openstack/latest/meta_data.json", "metadata-meta-data.json")]
    [InlineData("/openstack/latest/network_data.json", "metadata-network-data.json")]
    public void Guests_read_what_was_agreed(string path, string golden)
    {
        var json = JsonSerializer.Serialize(JsonDocument.Parse(Text(path)).RootElement, new JsonSerializerOptions { WriteIndented = true });
        Golden.Match(golden, json + "\n");
    }

    [Theory]
    [InlineData("", "1.0\n2007-01-19\n2007-03-01\n2007-08-29\n2007-10-10\n2007-12-15\n2008-02-01\n2008-09-01\n2009-04-04\nlatest")]
    [InlineData("/latest", "meta-data/\nuser-data")]
    [InlineData("/latest/meta-data/hostname", "web.novalocal")]
    [InlineData("/latest/meta-data/public-ipv4", "198.51.100.7")]
    [InlineData("/latest/meta-data/local-ipv4", "10.0.0.5")]
    [InlineData("/latest/meta-data/public-keys/", "0=mine")]
    [InlineData("/latest/meta-data/public-keys/0/openssh-key", "ssh-rsa AAAA mine")]
    [InlineData("/2009-04-04/meta-data/placement/availability-zone", "nova")]
    [InlineData("/latest/user-data", "#!/bin/sh\n")]
    [InlineData("/openstack/latest/user_data", "#!/bin/sh\n")]
    [InlineData("/openstack/2012-08-10", "meta_data.json\nuser_data")]
    public void Both_families_of_paths_are_there(string path, string expected) => Assert.Equal(expected, Text(path));

    [Theory]
    [InlineData("/latest/nothing")]
    [InlineData("/1999-01-01/meta-data")]
    [InlineData("/openstack/2030-01-01/meta_data.json")]
    [InlineData("/openstack/2012-08-10/network_data.json")]
    [InlineData("/openstack/latest/meta_data.json/more")]
    [InlineData("/latest/meta-data/hostname/more")]
    public void What_is_not_there_is_not_there(string path) => Assert.Null(Metadata.Lookup(path));

    [Fact]
    public void The_config_drive_says_the_same_as_the_service()
    {
        var files = Metadata.Files();
        var drive = files.Single(static file => file.Path == "openstack/latest/meta_data.json");
        Assert.Equal(Text("/openstack/latest/meta_data.json"), Encoding.UTF8.GetString(drive.Content.Span));
        Assert.Contains(files, static file => file.Path == "openstack/latest/network_data.json");
        Assert.Contains(files, static file => file.Path == "openstack/latest/user_data");
        Assert.Contains(files, static file => file.Path == "ec2/latest/meta-data.json");
    }

    [Fact]
    public void A_server_without_user_data_lists_none()
    {
        var bare = new InstanceMetadata(Server with { UserData = null }, []);
        Assert.Null(bare.Lookup("/openstack/latest/user_data"));
        Assert.DoesNotContain("user_data", Encoding.UTF8.GetString(bare.Lookup("/openstack/latest")!.Value.Body.Span),
            StringComparison.Ordinal);
        Assert.Equal("meta-data/", Encoding.UTF8.GetString(bare.Lookup("/latest")!.Value.Body.Span));
    }

    private static string Text(string path) => Encoding.UTF8.GetString(Metadata.Lookup(path)!.Value.Body.Span);
}
