using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>What the metadata service answers to one path.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="ContentType">Their type.</param>
public readonly record struct MetadataAnswer(ReadOnlyMemory<byte> Body, string ContentType);

/// <summary>
/// What a guest is told of itself, on its config drive and by the metadata service alike; pure. Two families of paths live side by
/// side, as in nova: <c>/openstack/VERSION/…</c>, and everything else in the form of EC2 (source of names and versions:
/// <c>nova/api/metadata/base.py</c>). </summary>
public sealed class InstanceMetadata(InstanceState state, IReadOnlyList<InstancePort> ports)
{
    /// <summary>As much entropy as nova hands to a guest.</summary>
    private const int RandomSeedBytes = 512;
    private const string Text = "text/plain; charset=UTF-8";
    private const string Json = "application/json";

    /// <summary>Guests read names like <c>web.novalocal</c>: nova's default <c>dhcp_domain</c>.</summary>
    private const string Domain = "novalocal";

    /// <summary>Versions of the OpenStack family, oldest first; each adds to the one before.</summary>
    private static readonly string[] Versions =
    [
        "2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06", "2017-02-22", "2018-08-27", "2020-10-14",
    ];

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The guest's name with its domain.</summary>
    private string HostName => $"{state.HostName}.{Domain}";

    /// <summary>Answers one path, with or without leading slash; null for a path there is nothing at.</summary>
    public MetadataAnswer? Lookup(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["openstack", ..])
            return Ec2Metadata.Lookup(Ec2(), parts is ["ec2", ..] ? parts[1..] : parts) is { } text ? Plain(text) : null;
        if (parts.Length == 1)
            return Plain(string.Join('\n', Versions) + "\nlatest");
        var version = Version(parts[1]);
        if (version < 0)
            return null;
        return parts.Length == 2 ? Plain(string.Join('\n', Names(version))) : parts.Length == 3 ? OpenStack(version, parts[2]) : null;
    }

    /// <summary>The files of a config drive: the newest form of both families, which is what guests read.</summary>
    public IReadOnlyList<ConfigDriveFile> Files()
    {
        var newest = Versions.Length - 1;
        var secret = state.AdminPassword?.Value;
        var files = new List<ConfigDriveFile>();
        foreach (var directory in (string[])[Versions[newest], "latest"])
        {
            foreach (var name in Names(newest).Where(static name => name != "password"))
                files.Add(new($"openstack/{directory}/{name}", OpenStack(newest, name, secret)!.Value.Body));
        }

        files.Add(new("ec2/latest/meta-data.json", Bytes(Ec2().ToJson())));
        if (state.UserData is not null)
            files.Add(new("ec2/latest/user-data", UserData()));
        return files;
    }

    private static int Version(string text) => text == "latest" ? Versions.Length - 1 : Array.IndexOf(Versions, text);

    private static bool Since(int version, string required) => version >= Array.IndexOf(Versions, required);

    private List<string> Names(int version)
    {
        var names = new List<string> { "meta_data.json" };
        if (state.UserData is not null)
            names.Add("user_data");
        if (Since(version, "2013-04-04"))
            names.Add("password");
        if (Since(version, "2013-10-17"))
            names.Add("vendor_data.json");
        if (Since(version, "2015-10-15"))
            names.Add("network_data.json");
        if (Since(version, "2016-10-06"))
            names.Add("vendor_data2.json");
        return names;
    }

    private MetadataAnswer? OpenStack(int version, string name, string? adminPassword = null)
    {
        if (!Names(version).Contains(name))
            return null;
        return name switch
        {
            "meta_data.json" => new(Bytes(MetaData(version, adminPassword)), Json),
            "network_data.json" => new(Bytes(NetworkData.Of(ports)), Json),
            "vendor_data.json" => new(Bytes(new JsonObject()), Json),
            "vendor_data2.json" => new(Bytes(new JsonObject { ["static"] = new JsonObject() }), Json),
            "user_data" => new(UserData(), Text),

            // No guest has set a password: nothing, as nova answers before one is set.
            _ => Plain(""),
        };
    }

    /// <summary>The password is for the config drive alone: what the service answers, every process in the guest can read.</summary>
    private JsonObject MetaData(int version, string? adminPassword)
    {
        var data = new JsonObject { ["uuid"] = state.Id.Text };
        if (state.Metadata.Count > 0)
            data["meta"] = Map(state.Metadata);
        if (state.Key is { } key)
        {
            data["public_keys"] = new JsonObject { [key.Name] = key.PublicKey };
            data["keys"] = new JsonArray(new JsonObject { ["name"] = key.Name, ["type"] = key.Type, ["data"] = key.PublicKey });
        }

        data["hostname"] = HostName;
        data["name"] = state.Name;
        data["launch_index"] = state.LaunchIndex;
        data["availability_zone"] = state.AvailabilityZone;
        if (Since(version, "2013-04-04"))
            data["random_seed"] = RandomSeed();
        if (Since(version, "2015-10-15"))
            data["project_id"] = state.ProjectId.Text;
        if (Since(version, "2016-06-30"))
            data["devices"] = Devices();
        if (Since(version, "2020-10-14"))
            data["dedicated_cpus"] = new JsonArray();
        if (adminPassword is not null)
            data["admin_pass"] = adminPassword;
        return data;
    }

    /// <summary>Cards that carry a tag: without one, a guest has nothing to look for.</summary>
    private JsonArray Devices() =>
    [
        .. ports.Where(static port => port.Tag is not null).Select(static JsonNode (port) => new JsonObject
        {
            ["vf_trusted"] = false,
            ["type"] = "nic",
            ["mac"] = port.MacAddress,
            ["bus"] = "none",
            ["address"] = "none",
            ["tags"] = new JsonArray(port.Tag),
        }),
    ];

    private Ec2Metadata Ec2()
    {
        var addresses = ports.SelectMany(static port => port.Addresses).ToArray();
        var root = new Ec2Metadata();
        var meta = root.Directory("meta-data");
        meta["ami-id"] = Ec2Id("ami", state.Image?.Id.Value ?? default);
        meta["ami-launch-index"] = state.LaunchIndex.ToString(System.Globalization.CultureInfo.InvariantCulture);
        meta["ami-manifest-path"] = "FIXME";
        meta["instance-id"] = Ec2Id("i", state.Id.Value);
        meta["hostname"] = HostName;
        meta["local-ipv4"] = addresses.FirstOrDefault(static address => address.IpVersion == 4)?.IpAddress ?? "";
        meta["reservation-id"] = state.ReservationId;
        meta["security-groups"] = string.Join('\n', ports.SelectMany(static port => port.SecurityGroups).Distinct());
        meta["local-hostname"] = HostName;
        meta["public-hostname"] = HostName;
        meta["public-ipv4"] = addresses.SelectMany(static address => address.FloatingIps).FirstOrDefault() ?? "";
        meta["instance-type"] = state.Flavor.Name;
        meta["instance-action"] = "none";
        meta.Directory("block-device-mapping")["ami"] = "vda";
        meta.Directory("block-device-mapping")["root"] = "/dev/vda";
        meta.Directory("placement")["availability-zone"] = state.AvailabilityZone ?? "";
        if (state.Key is { } key)
            meta.Directory("public-keys").Directory("0", listedAs: "0=" + key.Name)["openssh-key"] = key.PublicKey;
        if (state.UserData is not null)
            root["user-data"] = Encoding.UTF8.GetString(UserData());
        return root;
    }

    /// <summary>EC2's ids are eight digits; ours come from the UUID, so that they need no counter.</summary>
    private static string Ec2Id(string prefix, Guid id) => $"{prefix}-{id:N}"[..(prefix.Length + 9)];

    private string RandomSeed() => Convert.ToBase64String(
        HKDF.Expand(HashAlgorithmName.SHA256, Convert.FromBase64String(state.RandomSeed), RandomSeedBytes));

    private byte[] UserData() => Convert.FromBase64String(state.UserData!);

    private static JsonObject Map(IReadOnlyDictionary<string, string> map)
    {
        var json = new JsonObject();
        foreach (var (name, value) in map)
            json[name] = value;
        return json;
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(Compact));

    private static MetadataAnswer Plain(string text) => new(Encoding.UTF8.GetBytes(text), Text);
}
