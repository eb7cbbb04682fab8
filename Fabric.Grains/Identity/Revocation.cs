namespace Fabric.Grains.Identity;

/// <summary>Voids tokens: those that have what is set here, and were issued before a time (source:
/// <c>keystone/models/revoke_model.py</c>). Exactly one of the ids is set.</summary>
[GenerateSerializer, Immutable, Alias("identity.revocation")]
public sealed record Revocation
{
    [Id(0)] public string? AuditId { get; init; }
    [Id(1)] public string? AuditChainId { get; init; }

    /// <summary>Who logged in, or the trustor or trustee of the token's trust.</summary>
    [Id(2)] public string? UserId { get; init; }
    [Id(3)] public string? ProjectId { get; init; }
    [Id(4)] public string? DomainId { get; init; }
    [Id(5)] public string? TrustId { get; init; }
    [Id(6)] public string? ConsumerId { get; init; }
    [Id(7)] public string? AccessTokenId { get; init; }
    [Id(8)] public string? RoleId { get; init; }

    /// <summary>The name of the event: two with the same name are one, and the later one counts. It is also what a token is looked up by.
    /// </summary>
    public string Key => this switch
    {
        { AuditId: { } id } => id,
        { AuditChainId: { } id } => "chain:" + id,
        { UserId: { } id } => "user:" + id,
        { ProjectId: { } id } => "project:" + id,
        { DomainId: { } id } => "domain:" + id,
        { TrustId: { } id } => "trust:" + id,
        { ConsumerId: { } id } => "consumer:" + id,
        { AccessTokenId: { } id } => "access_token:" + id,
        { RoleId: { } id } => "role:" + id,
        _ => throw new InvalidOperationException("A revocation of nothing."),
    };
}
