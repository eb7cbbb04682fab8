using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Gives each port the number by which the tables of the firewall speak of it. A port keeps its number as long as it is there, so
/// that a packet on its way between two tables is never judged by another port's rules.</summary>
internal sealed class PortMarks
{
    /// <summary>Half of a packet's mark, see <see cref="NftRuleset"/>.</summary>
    private const int Most = 0xffff;

    private readonly Dictionary<PortId, int> _marks = [];

    internal IReadOnlyDictionary<PortId, int> Assign(IReadOnlyList<DesiredPort> ports)
    {
        var present = ports.Select(port => port.Id).ToHashSet();
        foreach (var gone in _marks.Keys.Where(id => !present.Contains(id)).ToList())
            _marks.Remove(gone);

        var taken = _marks.Values.ToHashSet();
        var next = 1;
        foreach (var port in ports.Where(port => !_marks.ContainsKey(port.Id)).OrderBy(port => port.Id.Text, StringComparer.Ordinal))
        {
            while (taken.Contains(next))
                next++;

            if (next > Most)
                throw new InvalidOperationException($"A host can have {Most} ports.");

            _marks[port.Id] = next++;
        }

        return _marks;
    }
}
