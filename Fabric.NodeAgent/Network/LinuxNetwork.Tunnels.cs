namespace Fabric.NodeAgent.Network;

/// <summary>The entries of the tunnels to other hosts.</summary>
public sealed partial class LinuxNetwork
{
    private async Task ConfigureTunnels(IReadOnlyList<TunnelTarget> targets, CancellationToken ct)
    {
        if (targets.Count == 0)
            return;

        using var span = Spans.StartActivity("network.configure-tunnels");
        for (var attempt = 1; ; attempt++)
        {
            var observed = ForwardingEntry.Parse(await _commands.Tool(_options.NetNs, ForwardingEntry.Command, "", ct));
            var commands = TunnelPlan.Make(targets, observed);
            try
            {
                if (commands.Count > 0)
                    await _commands.Bridge(_options.NetNs, commands, ct);

                break;
            }
            catch (HostProgramException failure) when (attempt < PlanAttempts)
            {
                // What was learned ages meanwhile, and what is gone cannot be deleted.
                LogPlanAgain(attempt, failure.Message);
            }
        }

        // The mark that says "complete" comes last.
        await _commands.Ip(_options.NetNs, [.. targets.Select(target => NetworkPlan.Commit(target, _tag))], ct);
    }
}
