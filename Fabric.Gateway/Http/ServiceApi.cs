namespace Fabric.Gateway.Http;

/// <summary>One OpenStack service as the gateway serves it.</summary>
public sealed record ServiceApi
{
    /// <summary>OpenStack's service type, e.g. <c>compute</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Its project's name in the catalog, e.g. <c>nova</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where its paths begin, e.g. <c>/compute/v2.1</c>.</summary>
    public required string Prefix { get; init; }

    /// <summary>Path of the catalog's endpoint when it is not <see cref="Prefix"/> (networking's clients add <c>/v2.0</c>
    /// themselves).</summary>
    public string? CatalogPath { get; init; }

    /// <summary>Whether the catalog names it: not so for version documents and for what only nodes call.</summary>
    public bool InCatalog { get; init; } = true;

    /// <summary>The versions; null for a service without microversions.</summary>
    public MicroversionWindow? Microversions { get; init; }

    /// <summary>Its documented rules.</summary>
    public required PolicyDefaults Policies { get; init; }

    /// <summary>How its errors look.</summary>
    public required FaultStyle Faults { get; init; }

    /// <summary>Every route.</summary>
    public required IReadOnlyList<Route> Routes { get; init; }

    /// <summary>Documents outside of the prefix that say what is where, such as the versions at <c>/compute</c>: their paths are whole,
    /// and they have no microversion.</summary>
    public IReadOnlyList<Route> Discovery { get; init; } = [];

    /// <summary>Another header that tells the request's id, from before all services agreed on one; null for none.</summary>
    public string? RequestIdHeader { get; init; }

    /// <summary>The request's header that every answer depends on, for caches on the way; null for none.</summary>
    public string? Vary { get; init; }

    /// <summary>Whether a path may end with a slash that means nothing.</summary>
    public bool IgnoresTrailingSlash { get; init; } = true;

    /// <summary>What any path may end with: a format, which clients of old name; null for nothing.</summary>
    public string? PathSuffix { get; init; }

    /// <summary>Largest JSON body in bytes (oslo.middleware's default).</summary>
    public int BodyLimitBytes { get; init; } = 114_688;

    /// <summary>Whether a body that is said to be too large is refused before anything else of the request is looked at, also where none is
    /// read.</summary>
    public bool LimitsEveryBody { get; init; }

    /// <summary>A path without where the service lies below the cloud's address: what its documentation calls the path, such as
    /// <c>/v2.1/servers</c>.</summary>
    internal string PathFromVersion(string path)
    {
        var second = Prefix.IndexOf('/', 1);
        var root = second < 0 ? Prefix : Prefix[..second];
        return path.StartsWith(root, StringComparison.Ordinal) ? path[root.Length..] : path;
    }
}

/// <summary>How a service words and shapes its errors.</summary>
public abstract class FaultStyle
{
    /// <summary>The status that stands for a fault.</summary>
    public virtual int Status(Fault fault) => fault.Kind switch
    {
        FaultKind.BadRequest => 400,
        FaultKind.Unauthorized => 401,
        FaultKind.Forbidden => 403,
        FaultKind.NotFound => 404,
        FaultKind.MethodNotAllowed => 405,
        FaultKind.NotAcceptable => 406,
        FaultKind.Conflict => 409,
        FaultKind.Gone => 410,
        FaultKind.PreconditionFailed => 412,
        FaultKind.TooLarge => 413,
        FaultKind.UnsupportedMediaType => 415,
        FaultKind.Unprocessable => 422,
        FaultKind.OverQuota => 403,
        FaultKind.NotImplemented => 501,
        FaultKind.Unavailable => 503,
        _ => 500,
    };

    /// <summary>The body, to be written as JSON; a string is written as it is, with <see cref="ContentType"/>.</summary>
    public abstract object Body(Fault fault, int status, string requestId);

    /// <summary>Whether it is no secret which paths and methods there are: they are looked for before the token, and so is what the body
    /// is.</summary>
    public virtual bool TellsRoutes => false;

    /// <summary>How the documents that say which versions there are fail; as all else, unless the service says so.</summary>
    public virtual FaultStyle OfVersions => this;

    /// <summary>Where a client whose token is missing or bad gets one, as <c>WWW-Authenticate</c> says.</summary>
    /// <param name="origin">Scheme and authority as the client sees them.</param>
    public virtual string Challenge(string origin) => $"Keystone uri=\"{origin}/identity\"";

    /// <summary>Whether its own 401 carry <see cref="Challenge"/> too.</summary>
    public virtual bool Challenges(Fault fault) => false;

    /// <summary>Type of a body that is a string.</summary>
    public virtual string ContentType => "text/html; charset=UTF-8";

    /// <summary>What a caller reads whose role does not allow it.</summary>
    public virtual Fault Denied(PolicyRule rule) =>
        new(FaultKind.Forbidden, "Forbidden", $"Policy doesn't allow {rule.Name} to be performed.");

    /// <summary>What a caller reads instead of <see cref="Denied"/> who may read no thing of the route's kind; null for the same.</summary>
    public virtual IResult? Unreadable(Route route) => null;

    /// <summary>What a caller reads whose body is too large; null for the service's own error.</summary>
    public virtual IResult? TooLarge(int mostBytes) => null;

    /// <summary>What a caller reads for a path that the service does not have.</summary>
    public virtual Fault NoSuchRoute(string path) => Fault.NotFound("The resource could not be found.");

    /// <summary>What a caller reads for a body that is not JSON.</summary>
    public virtual Fault Malformed() => Fault.BadRequest("Malformed request body");

    /// <summary>What a caller reads for a body of a type that the service does not read.</summary>
    public virtual Fault WrongType() => new(FaultKind.UnsupportedMediaType, "HTTPUnsupportedMediaType", "Unsupported Content-Type");

    /// <summary>What a caller reads for an action key nobody knows.</summary>
    public virtual Fault NoSuchAction(string action) => Fault.BadRequest($"There is no such action: {action}");

    /// <summary>What a caller reads for a body that breaks its schema.</summary>
    /// <param name="error">The first error found.</param>
    public virtual Fault Invalid(Schemas.SchemaError error) => Fault.BadRequest(error.Path.Length == 0
        ? error.Message
        : $"Invalid input for field/attribute {error.LastName}. Value: {error.Value}. {error.Message}");

    /// <summary>What a caller reads when something of ours broke.</summary>
    public virtual Fault Unexpected() => new(FaultKind.Unexpected, "InternalServerError",
        "Unexpected API Error. The request id of this answer identifies it in the logs.");
}
