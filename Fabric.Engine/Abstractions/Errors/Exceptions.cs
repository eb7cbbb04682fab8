namespace Orleans.Runtime;

/// <summary>The base of what the runtime throws.</summary>
[Serializable]
[GenerateSerializer]
public class OrleansException : Exception
{
    public OrleansException() : base("Unexpected error.")
    {
    }

    public OrleansException(string message) : base(message)
    {
    }

    public OrleansException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The silo is configured in a way that cannot work.</summary>
[Serializable]
[GenerateSerializer]
public sealed class OrleansConfigurationException : Exception
{
    public OrleansConfigurationException(string message) : base(message)
    {
    }

    public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The request was refused before it ran.</summary>
[Serializable]
[GenerateSerializer]
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException()
    {
    }

    internal OrleansMessageRejectionException(string message) : base(message)
    {
    }

    internal OrleansMessageRejectionException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The silo that held the call is gone; whether the call ran is unknown.</summary>
[Serializable]
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    public SiloUnavailableException() : base("Silo unavailable")
    {
    }

    public SiloUnavailableException(string msg) : base(msg)
    {
    }

    public SiloUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A mailbox or another bounded thing is full: the request was refused, not queued.</summary>
[Serializable]
[GenerateSerializer]
public sealed class LimitExceededException : OrleansException
{
    public LimitExceededException() : base("Limit exceeded")
    {
    }

    public LimitExceededException(string message) : base(message)
    {
    }

    public LimitExceededException(string message, Exception innerException) : base(message, innerException)
    {
    }

    public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : base($"Limit {limitName} exceeded: {current} of {threshold} ({extraInfo})")
    {
    }
}

/// <summary>Too many requests come in from outside.</summary>
[Serializable]
[GenerateSerializer]
public sealed class GatewayTooBusyException : OrleansException
{
    public GatewayTooBusyException() : base("Gateway too busy")
    {
    }

    public GatewayTooBusyException(string message) : base(message)
    {
    }

    public GatewayTooBusyException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The observer's process, or the observer itself, is gone.</summary>
[Serializable]
[GenerateSerializer]
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(GrainId clientId) : base($"No client {clientId}")
    {
    }
}

/// <summary>The grain has no such extension.</summary>
[Serializable]
[GenerateSerializer]
public sealed class GrainExtensionNotInstalledException : OrleansException
{
    public GrainExtensionNotInstalledException() : base("GrainExtensionNotInstalledException")
    {
    }

    public GrainExtensionNotInstalledException(string msg) : base(msg)
    {
    }

    public GrainExtensionNotInstalledException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The enumerator behind an IAsyncEnumerable vanished.</summary>
[Serializable]
[GenerateSerializer]
public sealed class EnumerationAbortedException : Exception
{
    public EnumerationAbortedException()
    {
    }

    public EnumerationAbortedException(string message) : base(message)
    {
    }

    public EnumerationAbortedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A lifecycle was stopped while it started.</summary>
[Serializable]
[GenerateSerializer]
public sealed class OrleansLifecycleCanceledException : OrleansException
{
    internal OrleansLifecycleCanceledException(string message) : base(message)
    {
    }
}
