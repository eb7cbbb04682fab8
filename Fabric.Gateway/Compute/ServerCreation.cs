using System.Text;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Image;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary>Looks up all that a create names. What is wrong is said here, while the user listens: a server that can never be built
/// is never made.</summary>
internal static class ServerCreation
{
    private const long GiB = 1L << 30;

    /// <summary>Guests, DHCP and DNS agree on no more.</summary>
    private const int LongestHostName = 63;

    internal static async Task<BuildRequest> Resolve(Call call, CreateServerBody asked)
    {
        if (call.Caller.ProjectId is null)
            throw call.Service.Faults.Denied(ServerPolicies.Create);
        var (zone, forced) = await Place(call, asked);
        var flavor = await Flavor(call, asked.FlavorRef);
        var image = await Image(call, asked, flavor);
        var key = await Key(call, asked.KeyName);
        await CheckMetadata(call, asked.Metadata);
        var group = await Group(call, asked);
        if (asked.HostName is not null && asked.MaxCount > 1)
            throw Fault.BadRequest("Unable to allocate a single hostname to multiple instances");
        if (asked.Networks.Choice == NetworkChoice.Auto || asked.Networks.Nics.Count > 0)
            call.Require(ServerPolicies.CreateAttachNetwork);
        var nics = asked.Networks.Choice == NetworkChoice.None
            ? []
            : await call.Get<IInstanceNetworks>().Plan(call.Caller, asked.Networks, asked.MaxCount, call.Aborted);
        return new()
        {
            Name = asked.Name,
            Description = asked.Description,
            HostName = asked.HostName ?? HostName(asked.Name),
            Flavor = flavor,
            Image = image,
            Key = key,
            Metadata = asked.Metadata,
            Tags = asked.Tags,
            UserData = asked.UserData,
            ConfigDrive = asked.ConfigDrive,
            AdminPassword = new(asked.AdminPass),
            Nics = nics,
            AvailabilityZone = zone,
            ForcedNode = forced,
            RequestedNode = asked.HypervisorHostName ?? asked.Host,
            ServerGroupId = group,
            AccessIpv4 = asked.AccessIpv4,
            AccessIpv6 = asked.AccessIpv6,
            AutoDiskConfig = asked.AutoDiskConfig,
            ReservationId = "r-" + Guid.NewGuid().ToString("N")[..8],
        };
    }

    /// <summary>A name that DNS takes (source: <c>nova/utils.py</c> <c>sanitize_hostname</c>); empty when nothing of it is left.</summary>
    internal static string HostName(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name.Length > LongestHostName ? name[..LongestHostName] : name)
        {
            if (letter is ' ' or '_' or '.')
                text.Append('-');
            else if (char.IsAsciiLetterOrDigit(letter) || letter == '-')
                text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString().Trim('-', '.');
    }

    /// <summary>The zone, and the node that an administrator forces with <c>zone:host:node</c>.</summary>
    private static async Task<(string? Zone, string? Forced)> Place(Call call, CreateServerBody asked)
    {
        var parts = asked.AvailabilityZone?.Split(':') ?? [];
        if (parts.Length > 3)
            throw Fault.BadRequest("Invalid input received: Unable to parse availability_zone");
        var zone = parts is [{ Length: > 0 } first, ..] ? first : null;
        var forced = parts.Skip(1).LastOrDefault(static part => part.Length > 0);
        if (forced is not null)
            call.Require(ServerPolicies.CreateForcedHost);
        if (asked.Host is not null || asked.HypervisorHostName is not null)
        {
            call.Require(ServerPolicies.CreateOnDestination);
            if (forced is not null)
            {
                throw Fault.BadRequest("One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are "
                    + "mutually exclusive.");
            }
        }

        foreach (var host in (string?[])[forced, asked.Host, asked.HypervisorHostName])
        {
            if (host is not null
                && await call.Get<IResourceIndex>().Find<HypervisorState>(HypervisorState.Kind, host, call.Aborted) is null)
                throw Fault.BadRequest("ComputeHostNotFound", $"Compute host {host} could not be found.");
        }

        if (zone is not null && forced is null
            && await call.Get<IResourceIndex>().Count(new ResourceQuery(HypervisorState.Kind).WithRef("zone", zone), call.Aborted) == 0)
            throw Fault.BadRequest("The requested availability zone is not available");
        return (forced is null ? zone : null, forced);
    }

    private static async Task<InstanceFlavor> Flavor(Call call, string reference)
    {
        var id = reference[(reference.LastIndexOf('/') + 1)..];
        var flavor = (await call.Get<FlavorCatalog>().All(call.Aborted)).ById.GetValueOrDefault(id);
        if (flavor is null || flavor.Disabled || !(call.Caller.IsAdmin || flavor.IsUsableBy(call.Caller.ProjectId)))
            throw Fault.BadRequest("FlavorNotFound", $"Flavor {id} could not be found.");
        if (flavor.RootGiB == 0 && !call.Allows(ServerPolicies.CreateZeroDisk))
        {
            throw new Fault(FaultKind.Forbidden, "BootFromVolumeRequiredForZeroDiskFlavor",
                "Only volume-backed servers are allowed for flavors with zero disk.");
        }

        return flavor.ForInstance();
    }

    private static async Task<InstanceImage> Image(Call call, CreateServerBody asked, InstanceFlavor flavor)
    {
        if (asked.ImageRef is not { } text)
            throw Fault.BadRequest("Missing imageRef attribute");
        if (!ImageId.TryParse(text, out var id))
            throw Fault.BadRequest("Invalid imageRef provided.");
        ImageView image;
        try
        {
            image = await call.Grain<IImageGrain>(id).Get(call.Caller);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.NotFound)
        {
            throw Fault.BadRequest("ImageNotFound", "Can not find requested image");
        }

        if (image.Status != ImageStatus.Active || image.Sha512 is null)
            throw Fault.BadRequest("ImageNotActive", $"Image {id} is not active.");
        CheckFits(image, flavor);
        return new()
        {
            Id = id,
            DiskFormat = image.DiskFormat ?? "raw",
            Sha512 = image.Sha512,
            SizeBytes = image.SizeBytes ?? 0,
            Properties = image.Properties,
        };
    }

    private static void CheckFits(ImageView image, InstanceFlavor flavor)
    {
        if (flavor.MemoryMiB < image.MinRamMiB)
            throw Fault.BadRequest("FlavorMemoryTooSmall", "Flavor's memory is too small for requested image.");
        if (flavor.RootGiB == 0)
            return;
        var disk = flavor.RootGiB * GiB;
        var size = Math.Max(image.SizeBytes ?? 0, image.VirtualSizeBytes ?? 0);
        if (size > disk)
        {
            throw Fault.BadRequest("FlavorDiskSmallerThanImage",
                $"Flavor's disk is too small for requested image. Flavor disk is {disk} bytes, image is {size} bytes.");
        }

        if (image.MinDiskGiB * GiB > disk)
        {
            throw Fault.BadRequest("FlavorDiskSmallerThanMinDisk",
                "Flavor's disk is smaller than the minimum size specified in image metadata. "
                + $"Flavor disk is {disk} bytes, minimum size is {image.MinDiskGiB * GiB} bytes.");
        }
    }

    private static async Task<InstanceKey?> Key(Call call, string? name)
    {
        if (name is null)
            return null;
        var pair = await call.Grain<IKeyPairsGrain>(call.Caller.UserId).Find(name)
            ?? throw Fault.BadRequest("KeypairNotFound", "Invalid key_name provided.");
        return new(pair.Name, pair.Type, pair.PublicKey);
    }

    private static async Task CheckMetadata(Call call, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
            return;
        var most = await MostMetadata(call, call.Caller.ProjectId!.Value);
        if (most >= 0 && metadata.Count > most)
            throw Fault.OverQuota("MetadataLimitExceeded", $"Maximum number of metadata items exceeds {most}");
    }

    /// <summary>How many metadata items a server of the project may have.</summary>
    internal static async Task<int> MostMetadata(Call call, ProjectId project) =>
        (await call.Grains.GetGrain<IComputeProjectGrain>(project.Text).LimitsFor(call.Caller.UserId))[ComputeQuotas.MetadataItems];

    private static async Task<string?> Group(Call call, CreateServerBody asked)
    {
        if (asked.ServerGroup is not { } id)
            return null;
        var index = call.Get<IResourceIndex>();
        var group = await index.Find<ServerGroupState>(ServerGroupState.Kind, id, call.Aborted);
        if (group is null || group.ProjectId != call.Caller.ProjectId)
            throw Fault.BadRequest("InstanceGroupNotFound", $"Instance group {id} could not be found.");
        var limits = await call.Grains.GetGrain<IComputeProjectGrain>(group.ProjectId.Text).LimitsFor(call.Caller.UserId);
        var members = await index.Count(new ResourceQuery(InstanceState.Kind).WithRef("server_group", id), call.Aborted);
        if (limits[ComputeQuotas.ServerGroupMembers] is var most and >= 0 && members + asked.MaxCount > most)
            throw Fault.OverQuota("ServerGroupMembersLimitExceeded", "Quota exceeded, too many servers in group");
        return id;
    }
}
