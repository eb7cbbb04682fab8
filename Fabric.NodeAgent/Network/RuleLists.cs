using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>What one or more ports allow in one direction, as rules of nft.</summary>
/// <param name="Chain">The chain's name: the direction and a hash of the rules.</param>
internal sealed record RuleList(string Chain, IReadOnlyList<string> IPv4, IReadOnlyList<string> IPv6);

/// <summary>The different rule lists of a host's ports. Most ports share theirs (they are in their project's default group), and the
/// kernel's time to load a ruleset grows faster than the number of chains, so equal lists become one chain.</summary>
internal sealed class RuleLists
{
    private readonly SortedDictionary<string, RuleList> _lists = new(StringComparer.Ordinal);
    private readonly Dictionary<PortId, (RuleList Egress, RuleList Ingress)> _byPort = [];

    private RuleLists()
    {
    }

    /// <summary>All lists, by the chains' names.</summary>
    internal IReadOnlyCollection<RuleList> All => _lists.Values;

    internal static RuleLists Of(IEnumerable<DesiredPort> ports)
    {
        var lists = new RuleLists();

        // Ports often share not only equal rules but the very list, and a list may name hundreds of group members.
        var known = new Dictionary<IReadOnlyList<DesiredRule>, (RuleList, RuleList)>(ReferenceEqualityComparer.Instance);
        foreach (var port in ports.Where(port => port is { PortSecurity: true, AdminStateUp: true }))
        {
            if (!known.TryGetValue(port.Rules, out var pair))
                known[port.Rules] = pair = (lists.Add(port.Rules, ingress: false), lists.Add(port.Rules, ingress: true));

            lists._byPort[port.Id] = pair;
        }

        return lists;
    }

    internal RuleList Egress(PortId port) => _byPort[port].Egress;

    internal RuleList Ingress(PortId port) => _byPort[port].Ingress;

    private RuleList Add(IReadOnlyList<DesiredRule> rules, bool ingress)
    {
        var (ipv4, ipv6) = (NftSecurityRules.Lines(rules, ingress, 4), NftSecurityRules.Lines(rules, ingress, 6));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', ipv4) + "\n--\n" + string.Join('\n', ipv6)));
        var chain = (ingress ? "ingress_" : "egress_") + Convert.ToHexStringLower(hash)[..16];
        if (!_lists.TryGetValue(chain, out var list))
            _lists[chain] = list = new(chain, ipv4, ipv6);

        return list;
    }
}

/// <summary>Gives each rule list the number by which packets are marked for it. A list keeps its number, and a number that fell free is not
/// used again soon, so that a packet on its way between two tables is never judged by another list than its ports'.</summary>
internal sealed class RuleNumbers
{
    /// <summary>Half of a packet's mark, see <see cref="NftRuleset"/>.</summary>
    private const int Most = 0xffff;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private int _last;

    /// <summary>The numbers of the lists, by chain.</summary>
    internal IReadOnlyDictionary<string, int> Assign(RuleLists lists)
    {
        if (lists.All.Count > Most)
            throw new InvalidOperationException($"A host can have {Most} different lists of rules.");

        var present = lists.All.Select(list => list.Chain).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _numbers.Keys.Where(chain => !present.Contains(chain)).ToList())
            _numbers.Remove(gone);

        var taken = _numbers.Values.ToHashSet();
        foreach (var list in lists.All.Where(list => !_numbers.ContainsKey(list.Chain)))
        {
            do
                _last = _last % Most + 1;
            while (taken.Contains(_last));

            taken.Add(_last);
            _numbers[list.Chain] = _last;
        }

        return _numbers;
    }
}
