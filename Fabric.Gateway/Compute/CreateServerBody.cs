using System.Security.Cryptography;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Compute;

/// <summary>The body of <c>POST /servers</c> as it was sent; nothing it names is looked up yet.</summary>
internal sealed record CreateServerBody
{
    private const string PasswordLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int PasswordLength = 12;

    public required string Name { get; init; }
    public string? Description { get; init; }
    public string? HostName { get; init; }
    public string? ImageRef { get; init; }
    public required string FlavorRef { get; init; }
    public required string AdminPass { get; init; }
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<string> Tags { get; init; } = [];
    public NetworkRequest Networks { get; init; } = new();

    /// <summary>Null when the body names none.</summary>
    public IReadOnlyList<string>? SecurityGroups { get; init; }
    public string? AvailabilityZone { get; init; }
    public string? Host { get; init; }
    public string? HypervisorHostName { get; init; }
    public string? KeyName { get; init; }
    public string? UserData { get; init; }
    public bool ConfigDrive { get; init; }
    public string? ServerGroup { get; init; }
    public string AccessIpv4 { get; init; } = "";
    public string AccessIpv6 { get; init; } = "";
    public bool AutoDiskConfig { get; init; }
    public int MinCount { get; init; } = 1;
    public int MaxCount { get; init; } = 1;
    public bool ReturnReservationId { get; init; }

    /// <summary>Reads a body that its schema has accepted. What only several properties together can say wrong is a fault here.</summary>
    internal static CreateServerBody Read(JsonElement body, Microversion version)
    {
        var server = body.GetProperty("server");
        var name = server.Text("name")!.Trim();
        var least = server.Int("min_count", 1);
        var most = server.Int("max_count", least);
        if (least > most)
            throw Fault.BadRequest("min_count must be <= max_count");
        var hints = body.Find("os:scheduler_hints") ?? body.Find("OS-SCH-HNT:scheduler_hints");
        var groups = server.Find("security_groups")?.EnumerateArray().Select(static group => group.Text("name")).OfType<string>()
            .Distinct().ToArray();
        RefusePersonality(server);
        return new()
        {
            Name = name,
            Description = version >= "2.19" ? server.Text("description") : name,
            HostName = server.Text("hostname"),
            ImageRef = Image(server),
            FlavorRef = server.Text("flavorRef")!,
            AdminPass = server.Text("adminPass") ?? RandomNumberGenerator.GetString(PasswordLetters, PasswordLength),
            Metadata = server.Find("metadata")?.Map() ?? [],
            Tags = server.Find("tags")?.EnumerateArray().Select(static tag => tag.GetString()!).Distinct(StringComparer.Ordinal)
                .ToArray() ?? [],
            Networks = Nets(server) with { SecurityGroups = groups ?? [] },
            SecurityGroups = groups,
            AvailabilityZone = server.Text("availability_zone"),
            Host = server.Text("host"),
            HypervisorHostName = server.Text("hypervisor_hostname"),
            KeyName = server.Text("key_name"),
            UserData = server.Text("user_data"),
            ConfigDrive = server.Bool("config_drive", false),
            ServerGroup = hints?.Text("group"),
            AccessIpv4 = server.Text("accessIPv4") ?? "",
            AccessIpv6 = ComputeJson.ShortIpv6(server.Text("accessIPv6")) ?? "",
            AutoDiskConfig = server.Text("OS-DCF:diskConfig") == "AUTO",
            MinCount = least,
            MaxCount = most,
            ReturnReservationId = server.Bool("return_reservation_id", false),
        };
    }

    private static void RefusePersonality(JsonElement server)
    {
        if (server.Find("personality") is { } files && files.GetArrayLength() > 0)
            throw Fault.NotImplemented("Injecting files is not supported: use user data or a config drive.");
        if (server.Find("trusted_image_certificates") is not null)
            throw Fault.NotImplemented("Validating image signatures by certificates is not supported.");
    }

    /// <summary>The image, also when a client names it as the first block device, as the <c>openstack</c> command does. Volumes are
    /// another thing.</summary>
    private static string? Image(JsonElement server)
    {
        var image = server.Text("imageRef") is { Length: > 0 } text ? text : null;
        if (server.Find("block_device_mapping") is { } old && old.GetArrayLength() > 0)
            throw Volumes();
        foreach (var device in server.Find("block_device_mapping_v2")?.EnumerateArray() ?? default)
        {
            var boots = device.Int("boot_index", -1) == 0;
            if (device.Text("source_type") != "image" || (device.Text("destination_type") ?? "local") != "local" || !boots)
                throw Volumes();
            if (image is not null && device.Text("uuid") is { } uuid && uuid != image)
            {
                throw Fault.BadRequest("Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping "
                    + "combination is not valid.");
            }

            image ??= device.Text("uuid");
        }

        return image;
    }

    private static Fault Volumes() => Fault.NotImplemented("Block devices other than the server's image are not supported.");

    private static NetworkRequest Nets(JsonElement server)
    {
        if (server.Find("networks") is not { } networks)
            return new();
        if (networks.ValueKind == JsonValueKind.String)
            return new() { Choice = networks.GetString() == "none" ? NetworkChoice.None : NetworkChoice.Auto };
        var nics = new List<RequestedNic>();
        foreach (var network in networks.EnumerateArray())
        {
            var nic = new RequestedNic
            {
                Network = network.Text("uuid"), Port = network.Text("port"), FixedIp = network.Text("fixed_ip"), Tag = network.Text("tag"),
            };
            Check(nic, nics);
            nics.Add(nic with { Network = nic.Port is null ? nic.Network : null });
        }

        return new() { Nics = nics };
    }

    private static void Check(RequestedNic nic, List<RequestedNic> before)
    {
        if (nic.Port is { } port)
        {
            if (before.Any(other => other.Port == port))
                throw Fault.BadRequest($"Port ID '{port}' was specified twice: you cannot attach a port multiple times.");
            if (nic.FixedIp is { } address)
            {
                throw Fault.BadRequest(
                    $"Specified Fixed IP '{address}' cannot be used with port '{port}': the two cannot be specified together.");
            }
        }
        else if (nic.Network is not { } network)
        {
            throw Fault.BadRequest("Bad network format: missing 'uuid'");
        }
        else if (!ResourceIdText.TryParseUuid(network, out _))
        {
            throw Fault.BadRequest($"Bad networks format: network uuid is not in proper format ({network})");
        }
    }
}
