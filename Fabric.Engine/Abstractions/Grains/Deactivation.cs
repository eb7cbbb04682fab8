using Orleans.Runtime;

namespace Orleans;

/// <summary>Why an activation goes.</summary>
public enum DeactivationReasonCode : byte
{
    None,
    ShuttingDown,
    ActivationFailed,
    DirectoryFailure,
    ActivationIdle,
    ActivationUnresponsive,
    DuplicateActivation,
    IncompatibleRequest,
    ApplicationError,
    ApplicationRequested,
    Migrating,
    RuntimeRequested,
    HighMemoryPressure,
}

/// <summary>Why an activation goes: a code, words, and the exception when there was one.</summary>
public readonly struct DeactivationReason : IEquatable<DeactivationReason>
{
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
    {
    }

    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Exception = exception;
        Description = text;
    }

    public string Description { get; }

    public DeactivationReasonCode ReasonCode { get; }

    public Exception? Exception { get; }

    public bool Equals(DeactivationReason other) =>
        ReasonCode == other.ReasonCode && Description == other.Description && Equals(Exception, other.Exception);

    public override bool Equals(object? obj) => obj is DeactivationReason other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(ReasonCode, Description);

    public override string ToString() => $"{ReasonCode}: {Description}{(Exception is null ? "" : $" ({Exception.Message})")}";

    public static bool operator ==(DeactivationReason left, DeactivationReason right) => left.Equals(right);

    public static bool operator !=(DeactivationReason left, DeactivationReason right) => !left.Equals(right);
}
