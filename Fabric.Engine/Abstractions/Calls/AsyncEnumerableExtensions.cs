using Fabric.Engine.CodeGeneration;

namespace Orleans.Runtime;

/// <summary>How an enumeration of a grain's elements is read.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>How many elements at most come with one message.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatchSize);
        return self is EnumerationRequest<T> request ? request.WithBatchSize(maxBatchSize) : self;
    }
}
