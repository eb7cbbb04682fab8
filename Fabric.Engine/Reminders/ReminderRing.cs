using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Who rings which reminders: the ring of hashes, cut at points that silos have by their addresses alone. A silo owns what lies before each
/// of its points, up to the point before it. All silos with the same view have the same ring; when one comes or goes, only the pieces
/// before its own points change hands.
/// </summary>
internal sealed class ReminderRing
{
    // As many as Orleans has: one point each would leave one silo with several times another's share.
    private const int PointsPerSilo = 30;

    private readonly uint[] _points;
    private readonly SiloAddress[] _owners;

    internal ReminderRing(IReadOnlyCollection<SiloAddress> silos)
    {
        Silos = silos;
        // Two silos with one point: the lower address has it, in whatever order they are named.
        var cuts = silos.Order().SelectMany(static silo => PointsOf(silo).Select(point => (Point: point, Silo: silo)))
            .DistinctBy(static cut => cut.Point).OrderBy(static cut => cut.Point).ToArray();
        _points = Array.ConvertAll(cuts, static cut => cut.Point);
        _owners = Array.ConvertAll(cuts, static cut => cut.Silo);
    }

    internal IReadOnlyCollection<SiloAddress> Silos { get; }

    /// <summary>Null when there is no silo.</summary>
    internal SiloAddress? Owner(uint hash)
    {
        if (_points.Length == 0)
            return null;
        var at = Array.BinarySearch(_points, hash);
        at = at < 0 ? ~at : at;
        return _owners[at == _points.Length ? 0 : at];
    }

    /// <summary>The silo's ranges, those left out that it had in another ring already.</summary>
    internal List<HashRange> RangesOf(SiloAddress silo, ReminderRing? before = null)
    {
        bool IsNew(uint hash) => silo.Equals(Owner(hash)) && !silo.Equals(before?.Owner(hash));
        // Between two neighbours of all points nothing changes hands, in neither ring.
        var cuts = _points.Union(before?._points ?? []).Order().ToArray();
        var ranges = new List<HashRange>();
        for (var index = 0; index < cuts.Length; index++)
        {
            if (!IsNew(cuts[index]))
                continue;
            var begin = cuts[(index + cuts.Length - 1) % cuts.Length];
            if (ranges.Count > 0 && ranges[^1].End == begin)
                ranges[^1] = ranges[^1] with { End = cuts[index] };
            else
                ranges.Add(new HashRange(begin, cuts[index]));
        }

        // The last piece may go over the end of the ring into the first.
        if (ranges.Count > 1 && ranges[^1].End == ranges[0].Begin)
        {
            ranges[0] = new HashRange(ranges[^1].Begin, ranges[0].End);
            ranges.RemoveAt(ranges.Count - 1);
        }

        return ranges;
    }

    /// <summary>The share of the ring that a silo owns, of 100.</summary>
    internal double PercentageOf(SiloAddress silo) => RangesOf(silo).Sum(static range => range.Length) / HashRange.WholeRing * 100;

    private static IEnumerable<uint> PointsOf(SiloAddress silo) => Enumerable.Range(0, PointsPerSilo)
        .Select(number => StableText.Mix((uint)silo.GetConsistentHashCode() ^ StableText.Mix((uint)number + 1)));
}

/// <summary>A range of the ring of hashes: (begin, end], which may wrap around; begin = end is the whole ring.</summary>
internal readonly record struct HashRange(uint Begin, uint End)
{
    internal const double WholeRing = 1L << 32;

    internal double Length => Begin == End ? WholeRing : unchecked(End - Begin);

    internal bool Contains(uint hash) =>
        Begin == End || (Begin < End ? hash > Begin && hash <= End : hash > Begin || hash <= End);
}
