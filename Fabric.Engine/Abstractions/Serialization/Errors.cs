namespace Orleans.Serialization;

/// <summary>A value could not be written, or bytes could not be read.</summary>
[GenerateSerializer]
public class SerializerException : Exception
{
    public SerializerException()
    {
    }

    public SerializerException(string message) : base(message)
    {
    }

    public SerializerException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>Stands for an exception of a type that is not known here. Message, stack and inner exception are the original's.</summary>
public sealed class UnavailableExceptionFallbackException : Exception
{
    public UnavailableExceptionFallbackException()
    {
    }

    public UnavailableExceptionFallbackException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>The name of the original's type.</summary>
    public string ExceptionType { get; internal set; } = "";
}
