using System.Runtime.CompilerServices;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine.Serialization;

/// <summary>What the writing of one message needs: a buffer that is used again, and where which object was written.</summary>
internal sealed class WriteSession
{
    // More than this is given back after the message: one large answer must not stay in memory for every thread.
    private const int KeptBytes = 256 * 1024;
    private const int KeptReferences = 1024;
    private const int FewReferences = 8;

    [ThreadStatic]
    private static WriteSession? _spare;

    private readonly object?[] _few = new object?[FewReferences];
    private readonly int[] _fewPositions = new int[FewReferences];
    private readonly Dictionary<object, int> _many = new(ReferenceEqualityComparer.Instance);
    private int _count;

    internal byte[] Buffer { get; set; } = new byte[1024];

    internal static WriteSession Rent()
    {
        var session = _spare ?? new WriteSession();
        _spare = null;
        return session;
    }

    internal void Return()
    {
        Forget();
        if (Buffer.Length > KeptBytes)
            Buffer = new byte[1024];
        _spare = this;
    }

    /// <summary>Drops what was written so far, to write something else instead.</summary>
    internal void Forget()
    {
        Array.Clear(_few, 0, Math.Min(_count, FewReferences));
        _count = 0;
        if (_many.Count == 0)
            return;
        _many.Clear();
        if (_many.Capacity > KeptReferences)
            _many.TrimExcess(0);
    }

    /// <summary>Where the object stands; when it is new it is noted to stand here, and the answer is -1.</summary>
    internal int FindOrAdd(object value, int position)
    {
        var few = Math.Min(_count, FewReferences);
        for (var at = 0; at < few; at++)
        {
            if (ReferenceEquals(_few[at], value))
                return _fewPositions[at];
        }

        return _count < FewReferences ? AddToFew(value, position) : FindOrAddToMany(value, position);
    }

    private int AddToFew(object value, int position)
    {
        _few[_count] = value;
        _fewPositions[_count++] = position;
        return -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FindOrAddToMany(object value, int position)
    {
        if (_many.TryGetValue(value, out var known))
            return known;
        _many.Add(value, position);
        return -1;
    }
}
