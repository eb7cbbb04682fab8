using System.Text.Json;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Nodes;

namespace Fabric.Gateway.Compute;

/// <summary><c>POST /servers/{id}/action</c>.</summary>
internal static partial class ServerActionEndpoints
{
    internal static Task<IResult> Start(Call call) => Act(call, grain => grain.Start(call.Caller));

    internal static Task<IResult> Stop(Call call) => Act(call, grain => grain.Stop(call.Caller));

    internal static Task<IResult> Pause(Call call) => Act(call, grain => grain.Pause(call.Caller));

    internal static Task<IResult> Unpause(Call call) => Act(call, grain => grain.Unpause(call.Caller));

    internal static Task<IResult> Suspend(Call call) => Act(call, grain => grain.Suspend(call.Caller));

    internal static Task<IResult> Resume(Call call) => Act(call, grain => grain.Resume(call.Caller));

    internal static Task<IResult> Reboot(Call call)
    {
        var hard = call.Body.GetProperty("reboot").Text("type")!.Equals("hard", StringComparison.OrdinalIgnoreCase);
        return Act(call, grain => grain.Reboot(hard ? RebootKind.Hard : RebootKind.Soft, call.Caller));
    }

    internal static Task<IResult> Lock(Call call)
    {
        var reason = call.Microversion >= "2.73" ? call.Body.Find("lock")?.Text("locked_reason") : null;
        return Act(call, grain => grain.Lock(reason, call.Caller));
    }

    internal static Task<IResult> Unlock(Call call) => Act(call, grain => grain.Unlock(call.Caller));

    internal static Task<IResult> ResetState(Call call)
    {
        var state = call.Body.GetProperty("os-resetState").Text("state") == "active" ? VmState.Active : VmState.Error;
        return Act(call, grain => grain.ResetState(state, call.Caller));
    }

    /// <summary>Deletions are never deferred here, so a forced one is one like any other.</summary>
    internal static Task<IResult> ForceDelete(Call call) => Act(call, grain => grain.Delete(call.Caller));

    internal static async Task<IResult> ConsoleOutput(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        if (server.NodeName is not { } node || server.VmState == VmState.Building)
            throw Fault.Conflict("InstanceNotReady", $"Instance {server.Id} is not ready");
        var length = call.Body.GetProperty("os-getConsoleOutput").Int("length", -1);
        var text = length == 0 ? "" : await call.Grains.GetGrain<INodeGrain>(node).ConsoleOutput(server.Id, length < 0 ? null : length);
        return Reply.Json(new { output = Unprintable().Replace(text, "") });
    }

    private static async Task<IResult> Act(Call call, Func<IInstanceGrain, Task> act)
    {
        var server = await ServerEndpoints.Find(call);
        await act(call.Grain<IInstanceGrain>(server.Id));
        return Reply.Empty(202);
    }

    /// <summary>Control characters that a terminal would act on, or a parser refuse; tabs and line feeds stay.</summary>
    [GeneratedRegex(@"[\x00-\x08\x0B-\x1F]")]
    private static partial Regex Unprintable();
}
