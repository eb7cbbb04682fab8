using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>The record of one router. Its legs on projects' networks are ports' records alone.</summary>
[GenerateSerializer, Immutable, Alias("network.router-state")]
public sealed record RouterState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "router";

    /// <summary>Secondary key by the node that realises it.</summary>
    public const string NodeRef = "node";

    /// <summary>Secondary key by the gateway's network.</summary>
    public const string GatewayRef = "gateway";

    [Id(0)] public RouterId Id { get; init; }
    [Id(1)] public ProjectId ProjectId { get; init; }
    [Id(2)] public string Name { get; init; } = "";
    [Id(3)] public string Description { get; init; } = "";
    [Id(4)] public bool AdminStateUp { get; init; } = true;
    [Id(5)] public RouterGateway? Gateway { get; init; }
    [Id(6)] public IReadOnlyList<DesiredRoute> Routes { get; init; } = [];

    /// <summary>The node that realises it; null while no node is there.</summary>
    [Id(7)] public string? NodeName { get; init; }
    [Id(8)] public IReadOnlyList<string> AvailabilityZoneHints { get; init; } = [];
    [Id(9)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(10)] public long Revision { get; init; }
    [Id(11)] public DateTimeOffset CreatedAt { get; init; }
    [Id(12)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A change was made.</summary>
    public RouterState Touched(DateTimeOffset now) => this with { Revision = Revision + 1, UpdatedAt = now };

    /// <inheritdoc/>
    public ResourceRow ToRow()
    {
        List<ResourceRef> refs = [];
        if (NodeName is not null)
            refs.Add(new(NodeRef, NodeName));
        if (Gateway is not null)
            refs.Add(new(GatewayRef, Gateway.NetworkId.Text));
        return new()
        {
            ProjectId = ProjectId.Text,
            Name = Name,
            Status = "ACTIVE",
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
            Refs = refs,
        };
    }
}

/// <summary>A router's leg on an external network.</summary>
[GenerateSerializer, Immutable, Alias("network.router-gateway")]
public sealed record RouterGateway
{
    [Id(0)] public required NetworkId NetworkId { get; init; }
    [Id(1)] public required PortId PortId { get; init; }
    [Id(2)] public bool EnableSnat { get; init; } = true;
    [Id(3)] public IReadOnlyList<FixedIp> FixedIps { get; init; } = [];
}

/// <summary>A gateway asked for.</summary>
[GenerateSerializer, Immutable, Alias("network.gateway-request")]
public sealed record GatewayRequest
{
    [Id(0)] public required NetworkId NetworkId { get; init; }

    /// <summary>Null: as it is, or true.</summary>
    [Id(1)] public bool? EnableSnat { get; init; }

    /// <summary>Null: any address.</summary>
    [Id(2)] public IReadOnlyList<FixedIpRequest>? FixedIps { get; init; }
}

/// <summary>A new router.</summary>
[GenerateSerializer, Immutable, Alias("network.create-router")]
public sealed record CreateRouter
{
    [Id(0)] public required ProjectId ProjectId { get; init; }
    [Id(1)] public string Name { get; init; } = "";
    [Id(2)] public string Description { get; init; } = "";
    [Id(3)] public bool AdminStateUp { get; init; } = true;
    [Id(4)] public GatewayRequest? Gateway { get; init; }
    [Id(5)] public IReadOnlyList<string> AvailabilityZoneHints { get; init; } = [];
}

/// <summary>What a user changes; null leaves a thing as it is.</summary>
[GenerateSerializer, Immutable, Alias("network.router-change")]
public sealed record RouterChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public bool? AdminStateUp { get; init; }
    [Id(3)] public GatewayRequest? Gateway { get; init; }

    /// <summary>The gateway is taken away.</summary>
    [Id(4)] public bool NoGateway { get; init; }
    [Id(5)] public IReadOnlyList<DesiredRoute>? Routes { get; init; }
    [Id(6)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(7)] public long? IfRevision { get; init; }

    /// <summary>Added to the routes, or taken from them: <c>add_extraroutes</c> and <c>remove_extraroutes</c>.</summary>
    [Id(8)] public IReadOnlyList<DesiredRoute>? AddRoutes { get; init; }
    [Id(9)] public IReadOnlyList<DesiredRoute>? RemoveRoutes { get; init; }
}

/// <summary>A leg by its subnet or its port.</summary>
[GenerateSerializer, Immutable, Alias("network.interface-request")]
public sealed record InterfaceRequest([property: Id(0)] SubnetId? SubnetId, [property: Id(1)] PortId? PortId);

/// <summary>A leg that was added or taken away.</summary>
[GenerateSerializer, Immutable, Alias("network.interface-info")]
public sealed record InterfaceInfo(
    [property: Id(0)] RouterId RouterId,
    [property: Id(1)] ProjectId? ProjectId,
    [property: Id(2)] PortId PortId,
    [property: Id(3)] NetworkId NetworkId,
    [property: Id(4)] IReadOnlyList<SubnetId> SubnetIds);
