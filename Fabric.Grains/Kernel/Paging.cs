namespace Fabric.Grains.Kernel;

/// <summary>Which part of a list is asked for. Pages go by key, never by offset.</summary>
/// <param name="Limit">At most so many items, already capped.</param>
/// <param name="Marker">The id of the item before the first one wanted; an unknown one is a fault.</param>
/// <param name="Reverse">Towards the beginning (networking's <c>page_reverse</c>).</param>
public readonly record struct Paging(int Limit, string? Marker = null, bool Reverse = false);

/// <summary>One page of a list.</summary>
/// <param name="Items">In the order asked for.</param>
/// <param name="Next">The marker of the next page when this one is full, else null.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>The same page with each item shaped anew.</summary>
    public Page<TOut> Select<TOut>(Func<T, TOut> shape) => new([.. Items.Select(shape)], Next);
}
