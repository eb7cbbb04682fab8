using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>Values that travel with calls, from caller to callee and never back.</summary>
public static class RequestContext
{
    internal const string ReentrancyKey = "#RC_REENTRANCY";

    private static readonly AsyncLocal<ImmutableDictionary<string, object>?> Values = new();

    /// <summary>All values, or null when there is none; the message carries exactly this object.</summary>
    internal static ImmutableDictionary<string, object>? Current
    {
        get => Values.Value;
        set => Values.Value = value;
    }

    /// <summary>The call chain whose requests may re-enter the grains that allowed it.</summary>
    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty)
                Remove(ReentrancyKey);
            else
                Set(ReentrancyKey, value);
        }
    }

    public static IEnumerable<string> Keys => Values.Value?.Keys ?? [];

    public static IEnumerable<KeyValuePair<string, object>> Entries => Values.Value ?? ImmutableDictionary<string, object>.Empty;

    public static object? Get(string key) => Values.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    public static void Set(string key, object value) =>
        Values.Value = (Values.Value ?? ImmutableDictionary<string, object>.Empty).SetItem(key, value);

    public static bool Remove(string key)
    {
        if (Values.Value is not { } values || !values.ContainsKey(key))
            return false;
        values = values.Remove(key);
        Values.Value = values.IsEmpty ? null : values;
        return true;
    }

    public static void Clear() => Values.Value = null;

    /// <summary>Until disposed, calls that come back to this activation from calls made here run at once.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var before = ReentrancyId;
        var id = before == Guid.Empty ? Guid.NewGuid() : before;
        (RuntimeContext.Current as ICallChainReentrant)?.EnterSection(id);
        ReentrancyId = id;
        return new ReentrancySection(before, id);
    }

    /// <summary>Until disposed, calls made here carry no permission to come back.</summary>
    public static ReentrancySection SuppressCallChainReentrancy()
    {
        var before = ReentrancyId;
        ReentrancyId = Guid.Empty;
        return new ReentrancySection(before, Guid.Empty);
    }

    /// <summary>Restores what was before.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _before;
        private readonly Guid _entered;

        internal ReentrancySection(Guid before, Guid entered)
        {
            _before = before;
            _entered = entered;
        }

        public void Dispose()
        {
            if (_entered != Guid.Empty)
                (RuntimeContext.Current as ICallChainReentrant)?.ExitSection(_entered);
            ReentrancyId = _before;
        }
    }
}

/// <summary>An activation that counts which call chains may re-enter it.</summary>
internal interface ICallChainReentrant
{
    void EnterSection(Guid id);

    void ExitSection(Guid id);
}
