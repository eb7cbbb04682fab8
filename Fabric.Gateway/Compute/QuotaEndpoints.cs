using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-quota-sets</c>, <c>/os-quota-class-sets</c> and <c>/limits</c>.</summary>
internal static class QuotaEndpoints
{
    private static readonly string[] Network = ["fixed_ips", "floating_ips", "security_groups", "security_group_rules"];
    /// <summary>Limits that no user has of its own, whoever they are set for (source: nova's <c>PER_PROJECT_QUOTAS</c>).</summary>
    private static readonly string[] PerProject = ["fixed_ips", "floating_ips"];
    private static readonly string[] Files = ["injected_files", "injected_file_content_bytes", "injected_file_path_bytes"];

    internal static async Task<IResult> Show(Call call)
    {
        call.OnlyQueries("user_id");
        var limits = await Project(call).Limits(User(call));
        return Reply.Json(new { quota_set = Set(call, "2.36", call.Path("project_id"), name => limits[name]) });
    }

    internal static async Task<IResult> Detail(Call call)
    {
        call.OnlyQueries("user_id");
        var limits = await Project(call).Limits(User(call));
        var used = await Used(call, call.Path("project_id"), User(call));
        return Reply.Json(new
        {
            quota_set = Set(call, "2.36", call.Path("project_id"), name => new
            {
                limit = limits[name], in_use = used.GetValueOrDefault(name), reserved = 0,
            }),
        });
    }

    internal static async Task<IResult> Defaults(Call call)
    {
        var limits = ComputeQuotas.Over(await call.Get<QuotaClasses>().Limits(ComputeQuotas.DefaultClass, call.Aborted));
        return Reply.Json(new { quota_set = Set(call, "2.36", call.Path("project_id"), name => limits[name]) });
    }

    internal static async Task<IResult> Update(Call call)
    {
        call.OnlyQueries("user_id");
        var body = call.Body.GetProperty("quota_set");
        if (body.TryGetProperty("networks", out _))
            throw Fault.BadRequest("The networks quota has been removed");
        var changes = Changes(call, "quota_set");
        var (project, user) = (Project(call), User(call));
        if (!body.Bool("force", false))
            await CheckRange(call, project, user, changes);
        if (user is not null)
        {
            await project.SetLimits(changes.Where(static change => !PerProject.Contains(change.Key)).ToDictionary(), user);
            changes = changes.Where(static change => PerProject.Contains(change.Key)).ToDictionary();
        }

        if (user is null || changes.Count > 0)
            await project.SetLimits(changes, null);
        var limits = await project.Limits(user);
        return Reply.Json(new { quota_set = Set(call, "2.36", null, name => limits[name]) });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        call.OnlyQueries("user_id");
        await Project(call).ClearLimits(User(call));
        return Reply.Empty(202);
    }

    internal static async Task<IResult> ShowClass(Call call)
    {
        var limits = ComputeQuotas.Over(await call.Get<QuotaClasses>().Limits(call.Path("name"), call.Aborted));
        return Reply.Json(new { quota_class_set = ClassSet(call, call.Path("name"), limits) });
    }

    internal static async Task<IResult> UpdateClass(Call call)
    {
        var name = call.Path("name");
        if (name.Length > 255)
            throw Fault.BadRequest("quota_class_name has more than 255 characters.");
        var changes = Changes(call, "quota_class_set");
        await call.Grains.GetGrain<IQuotaClassGrain>(name).SetLimits(changes);
        var limits = ComputeQuotas.Over(await call.Get<QuotaClasses>().Limits(name, call.Aborted));
        return Reply.Json(new { quota_class_set = ClassSet(call, null, limits) });
    }

    internal static async Task<IResult> Limits(Call call)
    {
        call.OnlyQueries("tenant_id", "reserved");
        var project = call.Caller.ProjectId?.Text ?? "";
        if (call.Query("tenant_id") is { Length: > 0 } other)
        {
            call.Require(ComputePolicies.OtherProjectLimits);
            project = other;
        }

        // A token of no project has what a project has that nobody limited, and uses nothing.
        var limits = project.Length == 0
            ? ComputeQuotas.Over(await call.Get<QuotaClasses>().Limits(ComputeQuotas.DefaultClass, call.Aborted))
            : await call.Grains.GetGrain<IComputeProjectGrain>(project).Limits(null);
        var absolute = Absolute(call, limits, await Used(call, project, null));
        return Reply.Json(new { limits = new { rate = Array.Empty<object>(), absolute } });
    }

    private static Dictionary<string, int> Absolute(Call call, IReadOnlyDictionary<string, int> limits, Dictionary<string, long> used)
    {
        var absolute = new Dictionary<string, int>
        {
            ["maxTotalInstances"] = limits[ComputeQuotas.Instances],
            ["maxTotalCores"] = limits[ComputeQuotas.Cores],
            ["maxTotalRAMSize"] = limits[ComputeQuotas.Ram],
            ["maxServerMeta"] = limits[ComputeQuotas.MetadataItems],
            ["maxTotalKeypairs"] = limits[ComputeQuotas.KeyPairs],
            ["maxServerGroups"] = limits[ComputeQuotas.ServerGroups],
            ["maxServerGroupMembers"] = limits[ComputeQuotas.ServerGroupMembers],
        };
        if (call.Microversion < "2.39")
            absolute["maxImageMeta"] = limits[ComputeQuotas.MetadataItems];
        if (call.Microversion < "2.57")
        {
            absolute["maxPersonality"] = limits["injected_files"];
            absolute["maxPersonalitySize"] = limits["injected_file_content_bytes"];
        }

        if (call.Microversion < "2.36")
        {
            absolute["maxTotalFloatingIps"] = limits["floating_ips"];
            absolute["maxSecurityGroups"] = limits["security_groups"];
            absolute["maxSecurityGroupRules"] = limits["security_group_rules"];
            absolute["totalFloatingIpsUsed"] = 0;
            absolute["totalSecurityGroupsUsed"] = 0;
        }

        absolute["totalInstancesUsed"] = (int)used[ComputeQuotas.Instances];
        absolute["totalCoresUsed"] = (int)used[ComputeQuotas.Cores];
        absolute["totalRAMUsed"] = (int)used[ComputeQuotas.Ram];
        absolute["totalServerGroupsUsed"] = (int)used[ComputeQuotas.ServerGroups];
        return absolute;
    }

    /// <summary>No limit below what is used, or, of a project, below what its users were given of it; and none of a user above what the
    /// others have left of the project's.</summary>
    private static async Task CheckRange(Call call, IComputeProjectGrain project, UserId? user, Dictionary<string, int> changes)
    {
        var used = await Used(call, call.Path("project_id"), user);
        var given = await project.GivenToUsers(user);
        var limits = await project.Limits(null);
        foreach (var (name, limit) in changes)
        {
            var least = Math.Max(used.GetValueOrDefault(name), user is null ? given.GetValueOrDefault(name) : 0);
            if (limit >= 0 && limit < least)
            {
                throw Fault.BadRequest(
                    $"Quota limit {limit} for {name} must be greater than or equal to already used and reserved {least}.");
            }

            var most = limits[name] - given.GetValueOrDefault(name);
            if (user is not null && limits[name] >= 0 && (limit < 0 || limit > most))
                throw Fault.BadRequest($"Quota limit {limit} for {name} must be less than or equal to {most}.");
        }
    }

    private static UserId? User(Call call) => call.Query("user_id") is { Length: > 0 } user ? new UserId(user) : null;

    private static async Task<Dictionary<string, long>> Used(Call call, string project, UserId? user)
    {
        var usage = project.Length == 0 ? null : await call.Grains.GetGrain<IComputeProjectGrain>(project).Usage(user);
        var groups = ServerGroupState.Of(new(project), user);
        return new(StringComparer.Ordinal)
        {
            [ComputeQuotas.Instances] = usage?.Instances ?? 0,
            [ComputeQuotas.Cores] = usage?.Cores ?? 0,
            [ComputeQuotas.Ram] = usage?.MemoryMiB ?? 0,
            [ComputeQuotas.ServerGroups] = usage is null ? 0 : await call.Get<IResourceIndex>().Count(groups, call.Aborted),
        };
    }

    /// <summary>The project named, which a reader of another one may not see.</summary>
    private static IComputeProjectGrain Project(Call call)
    {
        var project = new ProjectId(call.Path("project_id"));
        if (!call.Allows(call.Route.Policy, new(project)))
            throw call.Service.Faults.Denied(call.Route.Policy);
        return call.Grains.GetGrain<IComputeProjectGrain>(project.Text);
    }

    private static Dictionary<string, int> Changes(Call call, string name)
    {
        var body = call.Body.GetProperty(name);
        return ComputeQuotas.Defaults.Where(quota => body.Find(quota.Name) is not null)
            .ToDictionary(static quota => quota.Name, quota => body.Int(quota.Name, 0), StringComparer.Ordinal);
    }

    private static Dictionary<string, object> Set(Call call, string withoutNetwork, string? id, Func<string, object> value)
    {
        var set = new Dictionary<string, object>(StringComparer.Ordinal);
        if (id is not null)
            set["id"] = id;
        foreach (var (name, _) in ComputeQuotas.Defaults)
        {
            var hidden =
                (call.Microversion >= withoutNetwork && Network.Contains(name)) || (call.Microversion >= "2.57" && Files.Contains(name));
            if (!hidden)
                set[name] = value(name);
        }

        return set;
    }

    private static Dictionary<string, object> ClassSet(Call call, string? id, IReadOnlyDictionary<string, int> limits)
    {
        var set = Set(call, "2.50", id, name => limits[name]);
        if (call.Microversion >= "2.50")
            return set;
        set.Remove(ComputeQuotas.ServerGroups);
        set.Remove(ComputeQuotas.ServerGroupMembers);
        return set;
    }
}
