namespace Orleans.Serialization.Invocation;

/// <summary>What a call came to: a result or an exception.</summary>
public abstract class Response : IDisposable
{
    public static Response Completed { get; } = new ResultResponse(null);

    public abstract object? Result { get; set; }

    public abstract Exception? Exception { get; set; }

    public static Response FromResult<TResult>(TResult value) => new ResultResponse(value);

    public static Response FromException(Exception exception) => new ExceptionResponse(exception);

    public virtual T GetResult<T>() => (T)Result!;

    public abstract void Dispose();

    private sealed class ResultResponse(object? result) : Response
    {
        public override object? Result { get; set; } = result;

        public override Exception? Exception
        {
            get => null;
            set => throw new InvalidOperationException("This response carries a result.");
        }

        public override void Dispose()
        {
        }
    }

    private sealed class ExceptionResponse(Exception exception) : Response
    {
        public override object? Result
        {
            get
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Exception!);
                return null;
            }

            set => throw new InvalidOperationException("This response carries an exception.");
        }

        public override Exception? Exception { get; set; } = exception;

        public override void Dispose()
        {
        }
    }
}
