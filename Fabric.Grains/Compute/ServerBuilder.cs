using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>Makes one or more servers from one request: quota first, then the records. Not a grain, so that the boots of a project
/// do not wait for each other's writes.</summary>
public sealed class ServerBuilder(IGrainFactory grains)
{
    /// <summary>Makes at most <paramref name="most"/> servers and at least <paramref name="least"/>, as the quota allows. When this
    /// returns each of them will be built, whatever dies.</summary>
    public async Task<IReadOnlyList<InstanceState>> Build(BuildRequest request, int least, int most, Caller caller)
    {
        var project = grains.GetGrain<IComputeProjectGrain>(caller.ProjectId!.Value.Text);
        InstanceId[] ids = [.. Enumerable.Range(0, most).Select(static _ => InstanceId.New())];
        var claimed = await project.Claim(new(ids, request.Flavor.Vcpus, request.Flavor.MemoryMiB, caller.UserId), least);
        var builds = claimed.Select((id, i) => Build(project, id, Numbered(request, i, claimed.Count), caller));
        return await Task.WhenAll(builds);
    }

    private async Task<InstanceState> Build(IComputeProjectGrain project, InstanceId id, BuildRequest request, Caller caller)
    {
        try
        {
            return await grains.GetGrain<IInstanceGrain>(id).Build(request, caller);
        }
        catch (Fault)
        {
            // A refusal: no record was made. After any other failure there may be one, and the next count says which.
            await project.Released(id);
            throw;
        }
    }

    /// <summary>Servers made together are told apart by a number (nova's <c>multi_instance_display_name_template</c>).</summary>
    private static BuildRequest Numbered(BuildRequest request, int index, int count) => count == 1
        ? request
        : request with
        {
            Name = $"{request.Name}-{index + 1}",
            HostName = request.HostName.Length > 0 ? $"{request.HostName}-{index + 1}" : "",
            LaunchIndex = index,
        };
}
