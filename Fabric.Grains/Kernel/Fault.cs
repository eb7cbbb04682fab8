namespace Fabric.Grains.Kernel;

/// <summary>What went wrong, by cause. The status and the body that stand for it on the wire are each API's own (the same
/// cause differs by service: over quota is 403 in compute, 413 in block storage, 409 in networking).</summary>
public enum FaultKind
{
    /// <summary>The request is malformed or asks for something that cannot be.</summary>
    BadRequest,

    /// <summary>No valid credentials.</summary>
    Unauthorized,

    /// <summary>The caller may see the thing but not do this to it.</summary>
    Forbidden,

    /// <summary>The thing does not exist, or the caller may not see it.</summary>
    NotFound,

    /// <summary>The thing's state, or another thing, stands against it.</summary>
    Conflict,

    /// <summary>A quota would be exceeded.</summary>
    OverQuota,

    /// <summary>The body is larger than the service takes.</summary>
    TooLarge,

    /// <summary>The body is not of a type that the service reads.</summary>
    UnsupportedMediaType,

    /// <summary>The requested version is not offered.</summary>
    NotAcceptable,

    /// <summary>The method is not offered at that path.</summary>
    MethodNotAllowed,

    /// <summary>Something else was changed first, and the request was conditional on it.</summary>
    PreconditionFailed,

    /// <summary>Well-formed, but the service cannot process it.</summary>
    Unprocessable,

    /// <summary>The thing was there and is gone for good.</summary>
    Gone,

    /// <summary>A part of OpenStack's API that Fabric does not have.</summary>
    NotImplemented,

    /// <summary>A dependency (database, node) is down; the same request may work later.</summary>
    Unavailable,

    /// <summary>Something of ours broke. Only what answers requests says so, of an exception that is no fault; the domain never
    /// does.</summary>
    Unexpected,
}

/// <summary>The one exception for what a user may see. Anything else that escapes a request is a 500, and a bug.
/// <see cref="Exception.Message"/> is written for the user and holds nothing internal.</summary>
[GenerateSerializer]
[Alias("kernel.fault")]
public sealed class Fault : Exception
{
    /// <summary>Makes a fault.</summary>
    /// <param name="kind">The cause.</param>
    /// <param name="type">OpenStack's name of the error (its exception class), e.g. <c>InstanceInvalidState</c>.</param>
    /// <param name="message">The sentence a user reads, in OpenStack's wording where clients look at it.</param>
    public Fault(FaultKind kind, string type, string message)
        : base(message)
    {
        Kind = kind;
        Type = type;
    }

    /// <summary>The cause.</summary>
    [Id(0)]
    public FaultKind Kind { get; init; }

    /// <summary>OpenStack's name of the error.</summary>
    [Id(1)]
    public string Type { get; init; }

    public static Fault BadRequest(string message) => new(FaultKind.BadRequest, "BadRequest", message);

    public static Fault BadRequest(string type, string message) => new(FaultKind.BadRequest, type, message);

    public static Fault Unauthorized(string message) => new(FaultKind.Unauthorized, "Unauthorized", message);

    public static Fault Forbidden(string message) => new(FaultKind.Forbidden, "Forbidden", message);

    public static Fault NotFound(string message) => new(FaultKind.NotFound, "NotFound", message);

    public static Fault NotFound(string type, string message) => new(FaultKind.NotFound, type, message);

    public static Fault Conflict(string message) => new(FaultKind.Conflict, "Conflict", message);

    public static Fault Conflict(string type, string message) => new(FaultKind.Conflict, type, message);

    public static Fault OverQuota(string type, string message) => new(FaultKind.OverQuota, type, message);

    public static Fault Unavailable(string message) => new(FaultKind.Unavailable, "ServiceUnavailable", message);

    public static Fault NotImplemented(string message) => new(FaultKind.NotImplemented, "NotImplemented", message);
}
