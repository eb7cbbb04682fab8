namespace Orleans.Runtime;

/// <summary>A text hash that is equal in every process and on every machine (string.GetHashCode is random per process).</summary>
internal static class StableText
{
    /// <summary>FNV-1a over UTF-16 units, then a finaliser so that keys that differ only at the end still spread over all bits.</summary>
    internal static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var unit in text)
            hash = (hash ^ unit) * 16777619u;
        return Mix(hash);
    }

    /// <summary>Murmur3's finaliser.</summary>
    internal static uint Mix(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
        return hash ^ (hash >> 16);
    }
}
