using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>What the reading of one message needs: which object was read where.</summary>
internal sealed class ReadSession(CodecProvider codecs)
{
    private List<(int Position, object Value)>? _inOrder;
    private Dictionary<int, object>? _byPosition;

    internal CodecProvider Codecs { get; } = codecs;

    /// <summary>Above zero while an object is read that was skipped where it stands; objects within may be known already.</summary>
    internal int Rereading { get; set; }

    /// <summary>How many bytes may still be read a second time, so that references cannot make a short message a long work.</summary>
    internal long RereadBudget { get; set; }

    internal void Add(int position, object value)
    {
        const int Few = 16;
        _inOrder ??= [];
        _inOrder.Add((position, value));
        if (_inOrder.Count < Few)
            return;
        if (_byPosition is null)
        {
            _byPosition = [];
            foreach (var (at, known) in _inOrder)
                _byPosition[at] = known;
        }

        _byPosition[position] = value;
    }

    internal object? Find(int position)
    {
        if (_byPosition is not null)
            return _byPosition.GetValueOrDefault(position);
        foreach (var (at, known) in _inOrder ?? [])
        {
            if (at == position)
                return known;
        }

        return null;
    }
}
